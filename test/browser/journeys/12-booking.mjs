// Booking: a patient chooses an offered time without script and checks in at
// the screen by the door, another does not come, and a cancelled time goes to
// who waits for it.
import { phone } from "../kit/browser.mjs";
import { ask } from "../kit/ask.mjs";
import { has, lacks, ok, until } from "../kit/check.mjs";
import { one } from "../kit/staff.mjs";

const done = (p, words) => p.page.locator(".dk-notice").filter({ hasText: words }).waitFor();

async function offered(t) {
  const practice = t.practices[2] ?? t.practices[0];
  const { ods } = practice;
  const desk = await t.person();
  await desk.become(one(practice, "navigator").name);

  // The list is given a place from the diary's own pages.
  await desk.go(`/desk/${ods}/diary`);
  await desk.look("diary with marks");
  await desk.page.locator("button[name=do][value=arrived]").first().click();
  await done(desk, "Marked as arrived");
  await desk.page.locator("button[name=do][value=back]").first().click();
  await done(desk, "The mark is taken back");
  const late = desk.page.locator("form.dk-late").first();
  await late.locator("input[name=minutes]").fill("25");
  await late.getByRole("button").click();
  await done(desk, "Waiting patients can see it");
  has(await desk.main(), "25 minutes late", "how late the session runs");

  await desk.go(`/desk/${ods}/diary?days=7`);
  await desk.look("diary of a week");
  await desk.go(`/desk/${ods}/waiting`);
  await desk.look("waiting list");
  await desk.page.getByRole("button", { name: /^Take off/ }).first().click();
  has(await desk.main(), "Say why they are taken off the list", "taking off needs a reason");
  await desk.page.locator("input[name=reason]").first().fill("seen elsewhere");
  await desk.page.getByRole("button", { name: /^Take off/ }).first().click();
  await done(desk, "Taken off the list");
}

async function missed(t) {
  const practice = t.practices[2] ?? t.practices[0];
  const desk = await t.person();
  await desk.become(one(practice, "navigator").name);
  await desk.go(`/desk/${practice.ods}/diary`);
  const not = desk.page.locator("button[name=do][value=noshow]").first();
  if ((await not.count()) === 0) return; // before the day's first appointment nobody can have missed one
  await not.click();
  await done(desk, "Noted that they did not come");
  await desk.look("diary with somebody who did not come");
}

async function screen(t) {
  const practice = t.practices[2] ?? t.practices[0];
  const desk = await t.person();
  await desk.become(one(practice, "navigator").name);
  await desk.go(`/desk/${practice.ods}/check-in`);
  await desk.look("check-in screen at the desk");
  const href = await desk.page.getByRole("link", { name: "The check-in screen" }).getAttribute("href");
  const tablet = await t.person({ script: false, size: phone });
  await tablet.go(new URL(href).pathname);
  await tablet.look("check-in");
  await tablet.press("I am here");
  has(await tablet.main(), "first letter of your surname", "what is missing");
  await tablet.page.locator("input[name=day]").fill("31");
  await tablet.page.locator("input[name=month]").fill("2");
  await tablet.page.locator("input[name=surname]").fill("q");
  await tablet.press("I am here");
  has(await tablet.main(), "Please speak to the desk", "nobody fits");
  lacks(await tablet.main(), "not found", "it does not say why");
  await desk.press("Make a new address, and end this one");
  await done(desk, "The screen has a new address");
  await tablet.go(new URL(href).pathname);
  has(await tablet.main(), "new address", "the old address is ended");
}

/** An offer of any time to a patient, made by a program. */
async function offer(fhir, patient) {
  const answer = await fetch(`${fhir.base}/Appointment`, {
    method: "POST",
    headers: { Authorization: `Bearer ${fhir.token}`, "Content-Type": "application/fhir+json" },
    body: JSON.stringify({ resourceType: "Appointment", status: "proposed", participant: [{ actor: { reference: `Patient/${patient}` }, status: "needs-action" }] }),
  });
  const body = await answer.json();
  ok(answer.status === 201, `the offer is made: ${answer.status} ${JSON.stringify(body).slice(0, 200)}`);
  return body.id;
}

async function waits(t) {
  const practice = t.practices[2] ?? t.practices[0];
  const { ods } = practice;
  const { name } = practice.patients[0];
  const desk = await t.person();
  await desk.become(one(practice, "navigator").name);
  await desk.go(`/desk/${ods}/patients?q=${encodeURIComponent(name)}`);
  const id = (await desk.page.locator('main a[href*="/patient/"]').first().getAttribute("href")).split("/patient/")[1].split(/[/?]/)[0];
  const offered = await offer(practice.fhir, id);

  const patient = await t.person({ script: false, size: phone });
  await patient.become(name);
  await patient.go(`/p/${ods}/of/me/appointments/${offered}/choose`);
  await patient.look("choose a time or wait");
  await patient.press("Join the waiting list");
  has(await patient.main(), "Waiting list", "the page of who waits");
  await patient.look("waiting for a time");

  await desk.go(`/desk/${ods}/waiting`);
  const row = desk.page.locator(`#w-${offered}`);
  if (await row.getByRole("button", { name: /^Offer now/ }).count()) { // the list may have been quicker
    await row.getByRole("button", { name: /^Offer now/ }).click();
    await desk.page.locator(".dk-notice").waitFor(); // the list may be quicker still: what was kept is seen by the patient
  }
  await patient.go(`/p/${ods}/of/me/appointments/${offered}/choose`);
  has(await patient.main(), "We are keeping it for you until", "the time that is kept");
  await patient.look("a time that came free");
  await patient.page.locator("input[name=slot]").first().check();
  await patient.press("Book this time");
  has(await patient.text("body"), "Your appointment is booked", "it is booked");

  const links = await practice.fhir.search("Slot", { status: "busy-tentative" });
  ok(!links.some((s) => JSON.stringify(s).includes(offered)), "nothing is kept any more");
}

async function unasked(t) {
  const practice = t.practices[2] ?? t.practices[0];
  const { ods } = practice;
  const p = await t.person({ script: false, size: phone });
  await p.become(practice.patients[1].name);
  await p.go(`/p/${ods}/of/me/appointments/book`);
  await p.look("book an appointment");
  await p.press("See times");
  has(await p.main(), "Say in a few words what it is for", "what is missing");
  await p.look("book an appointment, with errors");
  const fill = async (words) => {
    await p.page.getByLabel("Routine appointment").check();
    await p.page.getByLabel("What is it for?").fill(words);
    await p.press("See times");
  };
  await fill("I have crushing chest pain and I am sweating");
  has(await p.main(), "Call 999 now", "words of danger are answered at once");
  has(await p.main(), "We have not booked a time yet", "nothing routine is booked");
  await p.look("words of danger beside an appointment");
  await p.go(`/p/${ods}/of/me/appointments/book`);
  await fill("My yearly check");
  await p.look("times that patients book themselves");
  await p.page.locator("input[name=slot]").first().check();
  await p.press("Book this time");
  has(await p.text("body"), "Your appointment is booked", "it is booked");
  has(await p.main(), "My yearly check", "what it is for");
  await p.page.getByRole("link", { name: "Move it to another time" }).click();
  await p.look("move an appointment");
  await p.press("Tell me if a time comes free");
  has(await p.main(), "You keep your time on", "they wait for an earlier time");
  await p.look("waiting for an earlier time");
  const desk = await t.person();
  await desk.become(one(practice, "navigator").name);
  await desk.go(`/desk/${ods}/waiting`);
  has(await desk.main(), "Has a time, wants an earlier one", "the desk sees it");
}

async function manager(t) {
  const practice = t.practices[2] ?? t.practices[0];
  const p = await t.person();
  await p.become(one(practice, "manager").name);
  await p.go(`/manage/${practice.ods}/access`);
  has(await p.main(), "Third next available", "how soon people can be seen");
  await p.look("report appointments");
  await p.go(`/manage/${practice.ods}/booking`);
  await p.page.locator("input[name=reminders]").fill("3, 48");
  await p.press("Save");
  has(await p.main(), "earliest reminder first", "the order of reminders");
  await p.page.locator("input[name=reminders]").fill("48, 3");
  await p.press("Save");
  has(await p.main(), "Saved", "it is saved");
  await p.look("settings booking");
}

/** A time at another practice is found, booked, moved and cancelled from the patient's record. */
async function elsewhere(t) {
  const practice = t.practices[0];
  const { ods } = practice;
  const desk = await t.person({ size: phone });
  await desk.become(one(practice, "navigator").name);
  await desk.go(`/desk/${ods}/patients?q=${encodeURIComponent(practice.patients[0].name)}`);
  const id = (await desk.page.locator('main a[href*="/patient/"]').first().getAttribute("href")).split("/patient/")[1].split(/[/?]/)[0];
  await desk.go(`/desk/${ods}/patient/${id}/elsewhere`);
  await desk.look("no booking elsewhere");
  const at = desk.page.locator("select[name=at]");
  await at.focus(); // by keyboard
  await desk.page.keyboard.press("ArrowDown");
  await desk.page.getByRole("button", { name: "Show its free times" }).press("Enter");
  await desk.page.locator("input[name=slot]").first().waitFor({ state: "attached" });
  await desk.look("times at another practice");
  await desk.page.locator("input[name=slot]").first().check();
  await desk.page.getByRole("button", { name: /^Book at/ }).press("Enter");
  has(await desk.main(), "Ask the patient first", "the patient is asked first");
  await desk.page.locator("input[name=slot]").first().check();
  await desk.page.locator("input[name=reason]").fill("Dressing");
  await desk.page.locator("input[name=agreed]").check();
  await desk.page.getByRole("button", { name: /^Book at/ }).press("Enter");
  await done(desk, "Booked there");
  await desk.look("booked elsewhere");
  await desk.page.getByRole("link", { name: /^Move/ }).first().click();
  await desk.page.locator("input[name=slot]").first().check();
  await desk.press("Move to this time");
  await done(desk, "Moved");
  await desk.page.locator("input[name=why]").first().fill("is better");
  await desk.page.getByRole("button", { name: /^Cancel it/ }).first().click();
  await done(desk, "Cancelled there");

  const boss = await t.person({ size: phone });
  await boss.become(one(practice, "manager").name);
  await boss.go(`/manage/${ods}/network`);
  await boss.look("agreements of the network");
  await boss.page.locator("main h2 a").first().click();
  await boss.look("one agreement");
  await boss.page.locator("input[name=books-day]").fill("9999");
  await boss.press("Save our side");
  has(await boss.main(), "choose from 0 to 500", "too many a day");
  await boss.page.locator("input[name=books-day]").fill("7");
  await boss.press("Save our side");
  has(await boss.main(), "up to 7 a day", "what is agreed now");
}

/** The link of the newest text that leads to a time to choose. */
async function sentLink(person) {
  await person.go("/demo/sent");
  const links = await person.page.locator('main a[href*="/b/"]').evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  return links[0];
}

/** Who is sent a link by text books, moves and cancels by it without script. */
async function byLink(t) {
  const practice = t.practices[2] ?? t.practices[0];
  const { ods, fhir } = practice;
  const patient = await t.person({ script: false, size: phone });
  await patient.become(practice.patients[1].name);
  const ref = await ask(patient, ods, { what: "My knee clicks on the stairs.", how: "Text message", phone: "01632 960 478" });
  const task = await fhir.request(ref);
  const { birthDate } = await fhir.get(task.for.reference);

  const desk = await t.person();
  await desk.become(one(practice, "navigator").name);
  const before = await sentLink(desk);
  await desk.go(`/desk/${ods}/request/${task.id}/offer`);
  await desk.page.locator("#offer-note").fill("Wear shorts if you can.");
  await desk.press("Send the offer");
  await desk.page.waitForURL(/done=offer/);
  const link = await until("the offer has been sent", async () => {
    const now = await sentLink(desk);
    return now && now !== before ? now : undefined;
  });

  const stranger = await t.person({ script: false, size: phone });
  await stranger.go(link);
  lacks(await stranger.main(), "shorts", "what a link shows before the date of birth");
  const [year, month, day] = birthDate.split("-");
  const prove = async (y) => {
    for (const [label, value] of [["Day", day], ["Month", month], ["Year", y]]) await stranger.fill(label, value);
    await stranger.press("Continue");
  };
  await prove(String(Number(year) - 1));
  lacks(await stranger.main(), "shorts", "what a wrong date of birth shows");
  await prove(year);
  has(await stranger.main(), "shorts", "what they should know");
  await stranger.look("choose a time by link");
  await stranger.press("Book this time");
  has(await stranger.main(), "Choose", "no time was chosen");
  await stranger.page.locator("input[name=slot]").first().check();
  await stranger.press("Book this time");
  has(await stranger.main(), "Your appointment", "it is booked by link");
  await stranger.look("an appointment by link");
  await stranger.press("Move it to another time");
  has(await stranger.main(), "You keep this time until you have chosen another", "nothing is given up yet");
  await stranger.page.locator("details[open] input[name=slot]").last().check();
  await stranger.press("Book this time");
  await stranger.press("Cancel it");
  has(await stranger.main(), "Cancelling does not close your request", "what cancelling does not do");
  await stranger.look("cancel an appointment by link");
  await stranger.press("No, keep it");
  await stranger.press("Cancel it");
  await stranger.press("Yes, cancel it");
  const booked = await fhir.search("Appointment", { patient: task.for.reference, status: "booked" });
  lacks(JSON.stringify(booked), task.id, "the appointment is cancelled");
  await desk.go(`/desk/${ods}/request/${task.id}`);
  has(await desk.main(), /cancelled/i, "the desk sees that it was cancelled");
}

export default [
  { group: "booking", name: "a time is chosen, moved and cancelled by a link, without script", walk: byLink },
  { group: "booking", name: "a time at another practice, and what is agreed", walk: elsewhere },
  { group: "booking", name: "the desk marks, runs late and sees who waits", walk: offered },
  { group: "booking", name: "somebody does not come", walk: missed },
  { group: "booking", name: "a patient books unasked, and words of danger are heeded, without script", walk: unasked },
  { group: "booking", name: "the screen by the door", walk: screen },
  { group: "booking", name: "a manager sees how soon, and sets reminders", walk: manager },
  { group: "booking", name: "a patient waits, and a time that came free is kept for them, without script", walk: waits },
];
