// At the desk: a receptionist takes requests by phone and over the counter,
// two people want the last time, and nobody sees what is not theirs.
import { ask } from "../kit/ask.mjs";
import { phone } from "../kit/browser.mjs";
import { has, lacks, ok, same, until } from "../kit/check.mjs";
import { answer } from "../kit/server.mjs";
import { by } from "../kit/staff.mjs";

async function behalf(t) {
  const practice = t.practices[2];
  const { ods, fhir } = practice;
  const p = await t.person();
  await p.become(by(practice, "navigator")[0].name);
  await p.page.keyboard.press("n");
  await p.page.waitForURL(/\/new/);
  await p.look("new request");
  await p.page.locator("button[value=save]").click();
  ok(await p.page.locator(".nhsuk-error-message, .dk-notice--problem").count(), "an empty request is refused");
  await p.look("new request empty");
  const taken = [];
  for (const [channel, what] of [["Phone", "Needs her blood pressure tablets again before a holiday."], ["Desk", "Has a letter from the hospital that he does not understand."]]) {
    const patient = practice.patients[channel === "Phone" ? 1 : 2];
    await p.go(`/desk/${ods}/new`);
    await p.page.locator("#who").fill(patient.name);
    await p.page.locator("#who").press("Enter");
    const found = p.page.locator("input[name=patient]");
    if ((await found.first().getAttribute("type")) === "radio") await p.page.getByRole("radio", { name: new RegExp(patient.name) }).first().check();
    await p.look(`new request found ${channel}`);
    await p.page.getByRole("radio", { name: new RegExp(channel, "i") }).first().check();
    await p.page.locator("#kind").selectOption({ index: 3 });
    await p.page.locator("#what").fill(what);
    await p.page.locator("#contact-how").selectOption("phone");
    await p.page.locator("#contact-number").fill("01632 960 321");
    await p.page.locator("button[value=save]").click();
    await p.page.getByText("Recorded as").waitFor();
    const text = await p.main();
    has(text, /HW-[0-9A-Z]{4}-[0-9A-Z]{4}/, "the receipt for the caller");
    has(text, "Tell them", "what to tell the caller");
    await p.look("new request recorded");
    const ref = /HW-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(text)[0];
    const task = await until("the request is in the ledger", () => fhir.request(ref));
    const came = task.input.find((i) => i.type.coding[0].code === "channel").valueCode;
    same(came, channel.toLowerCase(), "the channel of the Task");
    const qr = await fhir.get(task.focus.reference);
    same(answer(qr, "what"), what, "what was asked");
    taken.push(ref);
  }
  ok(new Set(taken).size === 2, "two requests, two references");
  // An emergency on the phone: the receptionist is told what to say.
  await p.go(`/desk/${ods}/new`);
  await p.page.locator("#who").fill(practice.patients[1].name);
  await p.page.locator("#who").press("Enter");
  const radio = p.page.getByRole("radio", { name: new RegExp(practice.patients[1].name) });
  if (await radio.count()) await radio.first().check();
  await p.page.getByRole("radio", { name: /phone/i }).first().check();
  await p.page.locator("#kind").selectOption({ index: 1 });
  await p.page.locator("#what").fill("She cannot breathe properly and her lips are blue.");
  await p.page.locator("button[value=save]").click();
  await p.page.getByText("Tell them now").waitFor();
  has(await p.main(), "999", "what to tell the caller now");
  await p.look("new request emergency");
}

async function lastSlot(t) {
  const practice = t.practices[2];
  const { ods, fhir } = practice;
  const [gp] = by(practice, "clinician");
  // Two patients are offered a time with the same doctor, and look at the same list.
  const nav = await t.person();
  await nav.become(by(practice, "navigator")[0].name);
  const people = [];
  for (const i of [2, 1]) {
    const p = await t.person({ size: phone, script: false });
    await p.become(practice.patients[i].name);
    const ref = await ask(p, ods, { what: "My back has hurt for weeks and I would like to be seen.", how: "A message in my account here" });
    const { id } = await fhir.request(ref);
    await nav.go(`/desk/${ods}/request/${id}/offer`);
    await nav.page.locator("#offer-with").selectOption({ label: gp.name });
    await nav.press("Send the offer");
    await nav.page.waitForURL(/done=offer/);
    await p.go(`/p/${ods}/of/me/requests/${id}`);
    await p.page.locator('main a[href*="/choose"]').first().click();
    people.push(p);
  }
  const [one, two] = people;
  const values = await one.page.locator("input[name=slot]").evaluateAll((all) => all.map((e) => e.value));
  const theirs = await two.page.locator("input[name=slot]").evaluateAll((all) => all.map((e) => e.value));
  const slot = values.find((v) => theirs.includes(v));
  ok(slot, "both are shown the same time");
  for (const p of people) await p.page.locator(`input[value="${slot}"]`).evaluate((e) => {
    e.closest("details").open = true;
    e.checked = true;
  });
  await Promise.all(people.map((p) => p.press("Book this time")));
  await Promise.all(people.map((p) => p.page.waitForLoadState()));
  const won = people.filter((p) => /booked=1/.test(p.page.url()));
  const lost = people.filter((p) => !/booked=1/.test(p.page.url()));
  same(won.length, 1, "people who got the time");
  const text = await lost[0].main();
  has(text, "somebody else has just taken that time", "what the other is told");
  ok(await lost[0].page.locator("input[name=slot]").count(), "the other has times to choose from");
  same(await lost[0].page.locator(`input[value="${slot}"]`).count(), 0, "times offered that are gone");
  await lost[0].look("choose a time taken");
  const open = lost[0].page.locator("details[open] input[name=slot]").first();
  await open.check();
  await lost[0].press("Book this time");
  await lost[0].page.waitForURL(/booked=1/);
  const booked = (await fhir.search("Appointment", { status: "booked" })).filter((a) => a.slot?.some((s) => s.reference === `Slot/${slot}`));
  same(booked.length, 1, "appointments at that time");
}

async function rights(t) {
  const [first, , third] = t.practices;
  const mine = await t.person({ size: phone });
  await mine.become(third.patients[0].name);
  const secret = "A worry that only my practice should read about, zanzibar.";
  const ref = await ask(mine, third.ods, { what: secret, asker: "Me", how: "A message in my account here" });
  const { id, for: patient } = await third.fhir.request(ref);

  const look = async (p, path, statuses, what) => {
    const answer = await p.go(path);
    ok(statuses.includes(answer.status()), `${what}: ${path} answered ${answer.status()}, not ${statuses.join(" or ")}`);
    const text = await p.text();
    for (const part of ["zanzibar", "NHS number", "Allergies"]) lacks(text, part, `${what} at ${path}`);
  };
  const staffPages = [`/desk/${third.ods}/`, `/desk/${third.ods}/request/${id}`, `/desk/${third.ods}/${patient.reference.toLowerCase()}`,
    `/desk/${third.ods}/patients?q=a`, `/desk/${third.ods}/diary`, `/desk/${third.ods}/jobs`, `/desk/${third.ods}/new`, `/manage/${third.ods}/`,
    `/manage/${third.ods}/reconcile`, `/manage/${third.ods}/accounts`, `/live/${third.ods}/queue`];

  for (const path of staffPages) await look(mine, path, [403, 404], "a patient");
  await mine.go(`/desk/${third.ods}/`);
  await mine.look("not for you");

  const nosy = await t.person();
  await nosy.become(third.patients[2].name);
  for (const path of [`/p/${third.ods}/of/me/requests/${id}`, `/p/${third.ods}/of/${patient.reference.split("/")[1]}/requests/${id}`,
    `/p/${third.ods}/of/${patient.reference.split("/")[1]}/record`, `/p/${third.ods}/of/${patient.reference.split("/")[1]}/looked`]) {
    await look(nosy, path, [403, 404], "another patient");
  }
  await look(nosy, `/p/${first.ods}/of/me/record`, [403, 404], "a patient at another practice");

  for (const role of ["navigator", "clinician", "manager"]) {
    const p = await t.person();
    await p.become(by(first, role)[0].name);
    for (const path of staffPages) await look(p, path, [403, 404], `a ${role} of another practice`);
  }
  const nav = await t.person();
  await nav.become(by(third, "navigator")[0].name);
  await look(nav, `/manage/${third.ods}/accounts`, [403], "a navigator");
  await look(nav, `/desk/${third.ods}/consult?patient=${patient.reference.split("/")[1]}`, [403], "a navigator");

  const nobody = await t.person();
  for (const path of [...staffPages.filter((s) => !s.startsWith("/live")), `/p/${third.ods}/of/me/requests`, `/p/${third.ods}/of/me/record`]) {
    await nobody.go(path);
    has(nobody.path(), "/sign-in", `where ${path} leads somebody who has not signed in`);
    lacks(await nobody.text(), "zanzibar", path);
  }
  same((await nobody.go(`/live/${third.ods}/queue`)).status(), 401, "the live queue of somebody who has not signed in");
  nobody.expect(/live/);
  same((await nobody.go(`/p/Z99999/`)).status(), 404, "a practice that is not here");
  await nobody.look("not found");
  same((await nobody.go(`/p/${third.ods}/no-such-page`)).status(), 404, "a page that is not here");

  // Signing out ends it: the back button shows nothing of the record.
  await mine.go(`/p/${third.ods}/of/me/requests/${id}`);
  has(await mine.main(), "zanzibar", "the patient's own request");
  await mine.go(`/p/${third.ods}/`);
  if (await mine.page.locator("#toggle-menu").isVisible().catch(() => false)) await mine.page.locator("#toggle-menu").click();
  await Promise.all([mine.page.waitForEvent("domcontentloaded"), mine.press("Sign out")]);
  await mine.page.goBack();
  lacks(await mine.text(), "zanzibar", "the page behind the back button after signing out");
  await mine.go(`/p/${third.ods}/of/me/requests/${id}`);
  lacks(await mine.text(), "zanzibar", "the page after signing out");
  const api = await fetch(`${third.fhir.base}/Task/${id}`);
  same(api.status, 401, "the API without a token");
  const other = await fetch(`${third.fhir.base}/Task/${id}`, { headers: { Authorization: `Bearer ${first.fhir.token}` } });
  ok([401, 403].includes(other.status), `the API with another practice's token answered ${other.status}`);
  // Another site cannot send a form for somebody who is signed in.
  const forged = await nosy.context.request.post(nosy.origin + `/p/${third.ods}/ask`, { headers: { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" }, maxRedirects: 0 });
  same(forged.status(), 403, "a form sent from another site");
}

async function colleagues(t) {
  const practice = t.practices[2];
  const { ods, fhir } = practice;
  const anybody = await t.person({ script: false });
  const ref = await ask(anybody, ods, { what: "My hay fever tablets have stopped working.", family: "Twoatonce" });
  const { id } = await fhir.request(ref);
  const [a, b] = by(practice, "navigator");
  const one = await t.person();
  await one.become(a.name);
  const two = await t.person();
  await two.become(b.name);
  await one.go(`/desk/${ods}/request/${id}`);
  await two.go(`/desk/${ods}/request/${id}`);
  await until("the first is told that the second has it open", async () => (await one.text("#looking")).includes(b.name));
  await one.look("request looked at by two");
  await one.page.locator("#urgency-urgent").check();
  await one.press("Save urgency");
  await one.page.waitForURL(/done=urgency/);
  await until("the second is told that it has changed", async () => /has changed|changed/.test(await two.text("#looking")));
  await two.page.locator("#urgency-asap").check();
  await two.press("Save urgency");
  has(await two.text(".dk-notice--problem"), /changed/, "what the second is told");
  await two.look("request changed meanwhile");
  same((await fhir.get(`Task/${id}`)).priority, "urgent", "the priority that stands");
  // Sent again from the page as it now is, it is taken.
  await two.press("Save urgency");
  await two.page.waitForURL(/done=urgency/);
  same((await fhir.get(`Task/${id}`)).priority, "asap", "the priority at last");
}

export default [
  { group: "desk", name: "a receptionist takes requests by phone and at the desk", walk: behalf },
  { group: "desk", name: "two people take the last time: one gets it, the other a choice", walk: lastSlot },
  { group: "desk", name: "nobody sees what is not theirs", walk: rights },
  { group: "desk", name: "two colleagues at one request are told of each other", walk: colleagues },
];
