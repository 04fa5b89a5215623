// One request from end to end: a patient asks, a care navigator deals with it
// by keyboard alone, a clinician records the consultation, the patient chooses
// a time and sees who has looked, and the manager's numbers add up.
import { ask } from "../kit/ask.mjs";
import { phone } from "../kit/browser.mjs";
import { has, lacks, ok, same, until } from "../kit/check.mjs";
import { png } from "../kit/files.mjs";
import { chore } from "../kit/server.mjs";
import { by } from "../kit/staff.mjs";

const story = {}; // what one test leaves for the next
const what = "My asthma is worse at night and my inhaler runs out on Friday.";

/** Presses Tab until something is focused. */
async function tabTo(p, selector, most = 60) {
  for (let i = 0; i < most; i++) {
    if (await p.page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
    await p.page.keyboard.press("Tab");
  }
  ok(false, `Tab does not reach ${selector} within ${most} presses at ${p.path()}`);
}

const focused = (p) => p.page.evaluate(() => document.activeElement?.closest("[data-row]")?.id ?? "");

async function done(p, words) {
  await p.page.locator(".dk-notice").filter({ hasText: words }).waitFor().catch(async () => {
    has(await p.text(".dk-notice"), words, `what ${p.path()} says was done`);
  });
}

async function live(t) {
  const practice = t.practices[0];
  const [navigator] = by(practice, "navigator");
  const desk = await t.person();
  await desk.become(navigator.name);
  has(desk.path(), `/desk/${practice.ods}/`, "where a navigator arrives");
  await until("the queue is live", async () => (await desk.page.locator("#queue").getAttribute("data-state")) === "live");
  await desk.look("queue before");
  const loads = { n: 0 };
  desk.page.on("framenavigated", () => loads.n++);

  const patient = await t.person({ size: phone });
  await patient.become(practice.patients[1].name);
  story.reference = await ask(patient, practice.ods, {
    what, kind: "A problem I have had before", how: "A message in my account here", photos: [{ name: "inhaler.png", mimeType: "image/png", buffer: png() }],
  });
  // And an emergency, which must come before it.
  const urgent = await t.person({ script: false, size: phone });
  await ask(urgent, practice.ods, { what: "My husband has a drooping face and slurred speech.", given: "Una", family: "Testerly" });

  const row = desk.page.locator("[data-row]", { hasText: "My asthma is worse" });
  await row.waitFor({ timeout: 60_000 });
  await desk.page.locator("[data-row]", { hasText: "drooping face" }).waitFor({ timeout: 60_000 });
  same(loads.n, 0, "times the queue was loaded again to show it");
  const rows = await desk.page.locator("[data-row]").allInnerTexts();
  const stroke = rows.findIndex((r) => r.includes("drooping face"));
  const urgencies = await desk.page.locator("[data-row] .dk-col-urgency").allInnerTexts();
  ok(urgencies.slice(0, stroke + 1).every((u) => /^\s*emergency/i.test(u)), "only emergencies stand before an emergency");
  ok(rows.findIndex((r) => r.includes("My asthma is worse")) > stroke, "an emergency stands before what can wait");
  await until("the queue says so to a screen reader", async () => /new request/.test(await desk.page.locator("#queue-said").textContent()));
  const all = await desk.page.locator(".dk-filters .dk-count").first().innerText();
  await until("the heading counts what the queue shows", async () => (await desk.text("h1")).includes(`${all.trim()} open`), 3000);
  await desk.look("queue");

  // j and k move, Enter opens.
  await desk.page.keyboard.press("j");
  const first = await focused(desk);
  await desk.page.keyboard.press("j");
  const second = await focused(desk);
  ok(first && second && first !== second, "j moves from row to row");
  await desk.page.keyboard.press("k");
  same(await focused(desk), first, "the row after k");
  const want = await row.getAttribute("id");
  for (let i = 0; i < 80 && (await focused(desk)) !== want; i++) await desk.page.keyboard.press("j");
  await desk.page.keyboard.press("Enter");
  await desk.page.waitForURL(/\/request\//);
  story.request = new URL(desk.page.url()).pathname.split("/").pop();
  const text = await desk.main();
  has(text, what, "the request");
  has(text, story.reference, "the request");
  for (const part of [practice.patients[1].name, "Allergies", "Problems", "Medicines", "Last contacts", "NHS number"]) has(text, part, "the summary beside the request");
  same(await desk.page.locator(".dk-photos img").count(), 1, "photos beside the request");
  ok(await desk.page.locator(".dk-photos img").first().evaluate((i) => i.complete && i.naturalWidth > 0), "the photo is shown");
  await desk.look("request");
}

/** Opens a form of the request by its key. */
async function key(p, letter, id) {
  await p.page.keyboard.press("Escape");
  await p.page.evaluate(() => document.activeElement?.blur());
  await p.page.keyboard.press(letter);
  ok(await p.page.locator(`#act-${id}`).evaluate((d) => d.open), `the key ${letter} opens the form ${id}`);
}

async function navigator(t) {
  const practice = t.practices[0];
  const p = await t.person();
  await p.become(by(practice, "navigator")[0].name);
  const at = `/desk/${practice.ods}/request/${story.request}`;
  const task = () => practice.fhir.get(`Task/${story.request}`);
  const keys = p.page.keyboard;

  // Urgency: raised, by keyboard; a navigator cannot lower it.
  await p.go(at);
  await key(p, "u", "urgency");
  await tabTo(p, "#act-urgency input[type=radio]");
  for (let i = 0; i < 5 && !(await p.page.locator("#urgency-urgent").isChecked()); i++) await keys.press("ArrowUp");
  ok(await p.page.locator("#urgency-urgent").isChecked(), "arrows choose the urgency");
  await tabTo(p, "#urgency-reason");
  await keys.type("The inhaler runs out on Friday.");
  await keys.press("Tab");
  await keys.press("Enter");
  await done(p, "Urgency saved");
  await until("the urgency is recorded", async () => (await task()).priority === "urgent");
  ok(await p.page.locator("#urgency-routine").isDisabled(), "a navigator cannot lower the urgency");

  // Assigned to a clinician.
  await key(p, "a", "assign");
  const [gp] = by(practice, "clinician");
  await p.page.locator("#owner").selectOption({ label: await optionWith(p, "#owner", gp.name) });
  await keys.press("Tab");
  await keys.press("Enter");
  await done(p, "Assigned");
  same((await task()).owner.display, gp.name, "the owner of the Task");

  // Answered with a template; a blank left in it is refused.
  await key(p, "r", "reply");
  await p.page.locator("#template").focus();
  for (let i = 0; i < 20 && (await p.page.locator("#template").inputValue()) !== "advice"; i++) await keys.press("ArrowDown");
  has(await p.page.locator("#message").inputValue(), "Thank you for your request. {advice}", "the message that the template begins");
  await tabTo(p, "#act-reply .dk-buttons button");
  await keys.press("Enter");
  await p.page.locator("#act-reply .nhsuk-error-message").waitFor();
  has(await p.text("#act-reply .nhsuk-error-message"), "{advice}", "a blank that was left");
  await p.look("request blank in reply");
  const message = await p.page.locator("#message").inputValue();
  await p.page.locator("#message").fill(message.replace("{advice}", "Use your reliever up to four times a day, and call 111 if it does not help."));
  await tabTo(p, "#act-reply .dk-buttons button");
  await keys.press("Enter");
  await done(p, "Sent");
  has(await p.main(), "Use your reliever up to four times a day", "the thread");

  // An appointment is offered.
  await key(p, "o", "offer");
  await p.page.locator("#offer-with").selectOption({ label: gp.name });
  await p.page.locator("#offer-note").fill("Please bring your inhaler.");
  await tabTo(p, "#act-offer button");
  await keys.press("Enter");
  await done(p, "Offer sent");
  const offers = await practice.fhir.search("Appointment", { status: "proposed" });
  ok(offers.length >= 1, "an Appointment is proposed");

  // A job for a colleague.
  await key(p, "t", "job");
  await keys.type("Ring the pharmacy about the inhaler.");
  await tabTo(p, "#job-owner");
  await p.page.locator("#job-owner").selectOption({ label: await optionWith(p, "#job-owner", by(practice, "clinician").find((s) => s.job === "Pharmacist").name) });
  await tabTo(p, "#act-job button");
  await keys.press("Enter");
  await done(p, "Job given");
  const jobs = await practice.fhir.search("Task", { code: "job" });
  ok(jobs.some((j) => JSON.stringify(j).includes("Ring the pharmacy")), "the job is a Task");
  await p.look("request in work");

  // It cannot be closed without an outcome, nor without words for the patient.
  await key(p, "x", "close");
  await p.page.locator("#told").fill("Thank you.");
  await p.page.locator("#act-close form").evaluate((f) => (f.noValidate = true));
  await tabTo(p, "#act-close button");
  await keys.press("Enter");
  await p.page.locator("#act-close .nhsuk-error-message").waitFor();
  has(await p.text("#act-close .nhsuk-error-message"), /outcome/, "closing without an outcome");
  await p.look("request close refused");
  await p.page.locator("#outcome").selectOption({ label: "Advice given" });
  await p.page.locator("#told").fill("");
  await p.page.locator("#act-close form").evaluate((f) => (f.noValidate = true));
  await p.page.locator("#act-close button").press("Enter");
  await p.page.locator("#act-close .nhsuk-error-message").waitFor();
  has(await p.text("#act-close .nhsuk-error-message"), /told/, "closing without telling the patient");
  ok((await task()).status !== "completed", "the request is still open");

  await p.go(`/desk/${practice.ods}/jobs`);
  await p.look("jobs");
  await p.go(`/desk/${practice.ods}/diary`);
  await p.look("diary");
  for (let i = 0; i < 6 && !(await p.page.locator(".dk-slot").count()); i++) await p.follow("Day after");
  ok(await p.page.locator(".dk-slot").count(), "the diary has sessions within six days");
  await p.look("diary with sessions");
}

/** The label of the option that has a name in it. */
async function optionWith(p, select, name) {
  const labels = await p.page.locator(`${select} option`).allInnerTexts();
  const found = labels.find((l) => l.includes(name));
  ok(found, `${name} is among ${labels.join(", ")}`);
  return found;
}

/** Takes the first time that does not clash with another of theirs, and says which. */
async function takeTime(p) {
  const closed = p.page.locator("details:not([open]) > summary");
  for (let i = 0; ; i++) {
    while (await closed.count()) await closed.first().click();
    const time = p.page.locator(".nhsuk-radios__item").filter({ has: p.page.locator("[name=slot]") }).nth(i);
    const clock = (await time.locator("strong").innerText()).trim();
    await time.locator("input").check();
    const shown = p.page.waitForEvent("load");
    await p.press("Book this time");
    await shown;
    if (p.page.url().includes("booked=1")) return clock;
    has(await p.text(".nhsuk-error-summary"), "another appointment at that time", "why it was not booked");
  }
}

async function chooses(t) {
  const practice = t.practices[0];
  const p = await t.person({ size: phone, script: false });
  await p.become(practice.patients[1].name);
  has(await p.main(), "Choose a time", "the patient's front page");
  await p.look("patient home with offer");
  await p.go(`/p/${practice.ods}/of/me/requests/${story.request}`);
  const text = await p.main();
  has(text, "Use your reliever up to four times a day", "the reply");
  has(text, /Choose an appointment/, "the offer");
  await p.look("patient request answered");
  await p.fill("Write to us", "Thank you, that helps. <b>Is it safe with my other tablets?</b>");
  await p.press("Send message");
  has(await p.main(), "<b>Is it safe with my other tablets?</b>", "the patient's own message, as text");
  await p.page.locator('main a[href*="/choose"]').first().click();
  has(await p.main(), "Please bring your inhaler.", "the note of the offer");
  await p.look("choose a time");
  await p.press("Book this time");
  has(await p.text(".nhsuk-error-summary"), "Choose a time", "nothing chosen");
  await p.look("choose a time empty");
  const clock = await takeTime(p);
  has(await p.main(), clock, "the appointment that was made");
  await p.look("patient appointment booked");
  story.appointment = new URL(p.page.url()).pathname.split("/").pop();
  const a = await practice.fhir.get(`Appointment/${story.appointment}`);
  same(a.status, "booked", "status of the Appointment");
  const slot = await practice.fhir.get(a.slot[0].reference);
  same(slot.status, "busy", "status of the Slot");
  await p.go(`/p/${practice.ods}/of/me/appointments`);
  has(await p.main(), clock, "my appointments");
  await p.look("patient appointments");
  const ics = await p.context.request.get(p.origin + `/p/${practice.ods}/of/me/appointments/${story.appointment}/calendar.ics`);
  has(await ics.text(), "BEGIN:VCALENDAR", "the calendar file");
}

async function clinician(t) {
  const practice = t.practices[0];
  const p = await t.person();
  await p.become(by(practice, "clinician")[0].name);
  await p.go(`/desk/${practice.ods}/request/${story.request}`);
  has(await p.main(), "<b>Is it safe with my other tablets?</b>", "what the patient wrote back, as text");
  await p.page.evaluate(() => document.activeElement?.blur());
  await p.page.keyboard.press("c");
  await p.page.waitForURL(/\/consult/);
  await p.look("consultation");
  const fill = (id, text) => p.page.locator(`#${id}`).fill(text);
  has(await p.page.locator("#reason").inputValue(), "My asthma is worse at night", "the reason begins with the request");
  await fill("history", "Wakes three nights a week. No fever. <script>alert(1)</script>");
  await fill("examination", "Talks in full sentences. Chest clear.");
  await fill("plan", "Step up to a preventer morning and night. Review in four weeks.");
  await fill("safety-netting", "If the reliever is needed more than every four hours, call 999.");
  await fill("bp", "12/8000");
  await p.press("Sign");
  await p.page.locator(".nhsuk-error-summary").waitFor();
  await p.look("consultation refused");
  await fill("bp", "126/78");
  await fill("pulse", "76");
  await p.page.locator("#codeq").fill("Asthma");
  await p.page.locator('button[name=step][value=code]').click();
  has(await p.text(".dk-codes"), "Asthma", "the codes of the note");
  await p.press("Sign");
  await p.page.waitForURL(/\/request\/.*\/close/);
  has(await p.text(".dk-notice"), "Consultation signed", "what the page says was done");
  same(await p.page.locator("#outcome").inputValue(), "consultation", "the outcome that is offered");

  const patient = (await practice.fhir.get(`Task/${story.request}`)).for.reference;
  const encounters = await practice.fhir.search("Encounter", { subject: patient });
  const compositions = await practice.fhir.search("Composition", { subject: patient });
  const note = compositions.find((c) => JSON.stringify(c).includes("Step up to a preventer"));
  ok(note, "the note is a Composition");
  same(note.status, "final", "status of the Composition");
  ok(encounters.some((e) => note.encounter?.reference === `Encounter/${e.id}`), "the Composition is of an Encounter");
  const bp = (await practice.fhir.search("Observation", { patient: patient })).filter((o) => o.encounter?.reference === note.encounter.reference);
  ok(bp.some((o) => o.component?.some((c) => c.valueQuantity?.value === 126)), "the blood pressure is an Observation");
  const conditions = (await practice.fhir.search("Condition", { patient: patient })).filter((c) => c.encounter?.reference === note.encounter.reference);
  ok(conditions.some((c) => /asthma/i.test(JSON.stringify(c.code))), "asthma is a Condition");

  await fill("told", "We have changed your inhaler. Use the new one morning and night.");
  await p.page.locator("#act-close button").click();
  await done(p, "Closed");
  await p.look("request closed");
  const task = await practice.fhir.get(`Task/${story.request}`);
  same(task.status, "completed", "status of the Task");
  ok(JSON.stringify(task.output).includes("consultation"), "the outcome is in the Task");

  const id = patient.split("/")[1];
  await p.go(`/desk/${practice.ods}/patient/${id}`);
  has(await p.main(), "Consultation: Telephone", "the record");
  has(await p.main(), "Asthma", "the record");
  await p.look("record");
  for (const tab of await p.page.locator(".dk-filters a").all().then((all) => Promise.all(all.map((a) => a.getAttribute("href"))))) {
    await p.go(tab);
    await p.look(`record ${new URL(tab, p.page.url()).search}`);
  }
  await p.go(`/desk/${practice.ods}/consult/${note.id}`);
  has(await p.main(), "<script>alert(1)</script>", "the note, as text");
  await p.look("consultation signed");
  await p.page.getByRole("link", { name: "Amend, with a reason" }).click();
  await p.look("consultation amended");
  await fill("plan", "Step up to a preventer morning and night. Review in six weeks.");
  await fill("why", "The review is in six weeks, not four.");
  await p.press("Sign the amendment");
  await p.page.waitForURL(/done=consult/);
  has(await p.main(), "six weeks", "the amended note");
  same((await practice.fhir.get(`Composition/${note.id}`)).status, "amended", "status of the amended Composition");
}

async function seesItAll(t) {
  const practice = t.practices[0];
  const p = await t.person({ size: phone, script: false });
  await p.become(practice.patients[1].name);
  await p.go(`/p/${practice.ods}/of/me/requests/${story.request}`);
  has(await p.main(), "We have changed your inhaler", "the answer");
  await p.look("patient request closed");
  await p.go(`/p/${practice.ods}/of/me/record`);
  has(await p.main(), /asthma/i, "the patient's record");
  has(await p.main(), /126/, "the patient's record: blood pressure");
  await p.look("patient record");
  await p.go(`/p/${practice.ods}/of/me/record/all`);
  await p.look("patient record all");
  await p.go(`/p/${practice.ods}/of/me/looked`);
  const looked = await p.main();
  for (const role of ["navigator", "clinician"]) {
    const [one] = by(practice, role);
    has(looked, one.name, "who has looked");
    has(looked, new RegExp(role === "navigator" ? "navigator" : "clinician|GP", "i"), "the role of who has looked");
  }
  lacks(looked, by(practice, "manager")[0].name, "who has looked: the manager has not");
  await p.look("who has looked");
  // The appointment is moved and cancelled.
  await p.go(`/p/${practice.ods}/of/me/appointments/${story.appointment}`);
  await p.follow("Move it to another time");
  await p.look("move an appointment");
  await takeTime(p);
  await p.follow("Cancel it");
  await p.look("cancel an appointment");
  await p.press("Yes, cancel it");
  has(await p.main(), /cancelled/i, "the cancelled appointment");
  await p.look("patient appointment cancelled");
}

async function manager(t) {
  const practice = t.practices[0];
  const p = await t.person();
  await p.become(by(practice, "manager")[0].name);
  has(p.path(), `/manage/${practice.ods}/`, "where a manager arrives");
  const today = await p.main();
  for (const part of [/in/i, /answered/i, /open/i, /oldest/i, "Online"]) has(today, part, "today's numbers");
  await p.look("today");
  await p.go(`/manage/${practice.ods}/reconcile?from=2020-01-01`); // the demonstration's past is older than a month
  const text = await p.main();
  const m = /(\d+) in = (\d+) answered \+ (\d+) open/.exec(text);
  ok(m, `the reconciliation says in = answered + open: ${text}`);
  same(Number(m[1]), Number(m[2]) + Number(m[3]), "in");
  has(text, "It adds up", "the reconciliation");
  await p.look("reconcile");
  const all = (await practice.fhir.search("Task", { code: "request" })).length;
  same(Number(m[1]), all, "requests in the reconciliation, and in the ledger");
  const c = await chore("reconcile", "--data", t.demo.data, "--practice", practice.ods);
  same(c.status, 0, `status of heartwood reconcile (${c.stderr})`);
  has(c.stdout, "balanced: in = answered + open", "heartwood reconcile");
  has(c.stdout, new RegExp(`all\\s+\\d+\\s+${m[1]}\\s+\\d+\\s+${m[2]}\\s+${m[3]}`), "heartwood reconcile has the numbers of the page");
  const v = await chore("verify", "--data", t.demo.data);
  same(v.status, 0, `status of heartwood verify (${v.stderr})`);
}

async function books(t) {
  const practice = t.practices[0];
  const patient = await t.person({ size: phone });
  await patient.become(practice.patients[2].name);
  const ref = await ask(patient, practice.ods, { what: "A mole on my back has changed its shape.", how: "A message in my account here" });
  const { id } = await practice.fhir.request(ref);
  const p = await t.person();
  await p.become(by(practice, "navigator")[1].name);
  await p.go(`/desk/${practice.ods}/request/${id}`);
  // A reply that is sent with a double click is one message.
  await key(p, "r", "reply");
  await p.page.locator("#message").fill("We would like to look at it. We are finding a time.");
  await p.page.locator("#act-reply .dk-buttons button").first().dblclick();
  await done(p, "Sent");
  const sent = (await practice.fhir.search("Communication", { "based-on": `Task/${id}` })).filter((c) => JSON.stringify(c.payload).includes("We are finding a time"));
  same(sent.length, 1, "messages after a double click");
  await key(p, "o", "offer");
  const slots = p.page.locator("#slots input[name=slot]");
  await slots.first().waitFor();
  await p.look("request booking");
  await slots.first().focus();
  await p.page.keyboard.press("Space");
  await p.page.locator("#slots button").press("Enter");
  await p.page.waitForURL(/\/close\?done=book/);
  has(await p.text(".dk-notice"), "Booked", "what the page says was done");
  same(await p.page.locator("#outcome").inputValue(), "appointment", "the outcome that is offered");
  await p.page.locator("#told").fill("We have booked you an appointment to look at the mole.");
  await p.page.locator("#act-close button").press("Enter");
  await done(p, "Closed");
  const booked = (await practice.fhir.search("Appointment", { status: "booked" })).filter((a) => JSON.stringify(a).includes(id));
  same(booked.length, 1, "appointments booked for the request");
  // Opened again, with a reason.
  await p.page.locator("summary", { hasText: "Open again" }).click();
  await p.page.locator("#reopen-reason").fill("The patient asks for an earlier time.");
  await p.press("Open again");
  await done(p, "Open again");
  ok((await practice.fhir.get(`Task/${id}`)).status !== "completed", "the request is open again");
  await patient.go(`/p/${practice.ods}/`);
  has(await patient.main(), "Your next appointments", "the patient's front page");
  lacks(await patient.main(), "You have no appointments booked", "the patient's front page");
}

async function flags(t) {
  const practice = t.practices[0];
  const { ods, fhir } = practice;
  const anybody = await t.person({ script: false, size: phone });
  const ref = await ask(anybody, ods, { what: "Chest pain when I cough, and it feels like crushing chest pain.", given: "Owen", family: "Testerly" });
  const { id } = await fhir.request(ref);
  const p = await t.person();
  await p.become(by(practice, "navigator")[0].name);
  await p.go(`/desk/${ods}/request/${id}`);
  has(await p.text(".dk-redflag"), "Only a clinician can overrule", "a red flag, to a navigator");
  has(await p.main(), "Who is this?", "a request of somebody who is not matched");
  has(await p.main(), "born 14 March 1984", "who they say they are");
  await p.look("request red flag unmatched");
  // It is matched to a patient.
  const [sample] = practice.patients;
  await p.page.locator("#match-who").fill(sample.name);
  await p.page.locator("#match-who").press("Enter");
  await p.page.getByRole("radio", { name: new RegExp(sample.name) }).first().check();
  await p.look("request match found");
  await p.press("This is them");
  await p.page.waitForURL(/\/match$/);
  has(await p.text("[role=alert]"), "another date of birth", "what is said of somebody of another date of birth");
  await p.look("request match in doubt");
  await p.page.locator("#match-reason").fill("They are at the desk, with a photo card.");
  await p.press("This is them");
  await done(p, "now belongs to this patient");
  ok((await fhir.get(`Task/${id}`)).for.reference?.startsWith("Patient/"), "the Task is for a patient now");
  const gp = await t.person();
  await gp.become(by(practice, "clinician")[1].name);
  await gp.go(`/desk/${ods}/request/${id}`);
  await gp.page.locator("summary", { hasText: "Overrule, with a reason" }).first().click();
  await gp.page.locator('[id^="reason-"]').first().fill("Pain only on coughing, for a week, after a cold.");
  await gp.look("request overrule");
  await gp.page.getByRole("button", { name: "Overrule" }).first().click();
  await done(gp, "Decision about the red flag saved");
  const history = await fhir.get(`Task/${id}/_history`);
  ok(history.total >= 2 || history.entry.length >= 2, "the decisions are versions of the Task");
}

export default [
  { group: "story", name: "the queue shows a new request live, most urgent first, and opens by keyboard", walk: live },
  { group: "story", name: "a navigator deals with a request by keyboard alone", walk: navigator },
  { group: "story", name: "the patient reads the answer, writes back and chooses a time, without script", walk: chooses },
  { group: "story", name: "a clinician records, signs and amends a consultation, and closes the request", walk: clinician },
  { group: "story", name: "the patient sees the answer, their record and who has looked", walk: seesItAll },
  { group: "story", name: "staff book a time, close and open again", walk: books },
  { group: "story", name: "a red flag is matched to a patient and overruled by a clinician only", walk: flags },
  { group: "story", name: "the manager's numbers add up, on the page and by command", walk: manager },
];
