// Seeing: a manager reads what came in, who waited, whether it was fair, and
// makes the national returns; a patient sees how far their request has come.
import { ask } from "../kit/ask.mjs";
import { phone } from "../kit/browser.mjs";
import { has, lacks, ok, same } from "../kit/check.mjs";
import { one } from "../kit/staff.mjs";

/** A file that a link gives, as text, as the person who is signed in. */
async function file(p, path) {
  const r = await p.context.request.get(p.origin + path);
  same(r.status(), 200, `status of ${path}`);
  has(r.headers()["content-disposition"] ?? "", "attachment", `${path} is a file`);
  return r.text();
}

async function manager(t) {
  const practice = t.practices[0];
  const { ods, patients } = practice;
  const p = await t.person();
  await p.become(one(practice, "manager").name);
  await p.go(`/manage/${ods}/reports`);
  await p.look("reports");
  await p.follow("Demand, waits and work");
  await p.look("demand, waits and work");
  const text = await p.main();
  for (const want of ["Came in", "Sent away", "Answered in time", "Requests by weekday and hour", "Work, the hidden part of it too"]) has(text, want, "the report");
  for (const who of patients) lacks(text, who.name, "the report");
  await p.page.locator("#period").selectOption("week");
  await p.press("Show");
  has(p.path(), "period=week", "the period that was chosen");
  const csv = await file(p, `/manage/${ods}/measures/promise-channel.csv?period=week`);
  has(csv, "Channel,Came in,In time,Late", "the file's first line");
  await p.go(`/manage/${ods}/fair`);
  await p.look("fair for everyone");
  has(await p.main(), "How groups are compared", "the page says how");
  has(await file(p, `/manage/${ods}/fair/fair-age.csv`), "Age,Requests", "the file's first line");
  await p.go(`/manage/${ods}/settings`);
  await p.look("settings");
  await p.follow("What work takes");
  await p.look("what work takes");
  await p.page.locator("#triage").fill("none");
  await p.press("Save");
  has(await p.main(), "enter minutes from 0 to 120", "what is wrong");
  await p.page.locator("#triage").fill("5");
  await p.press("Save");
  has(await p.main(), "Saved", "what was done");
  same(await p.page.locator("#triage").inputValue(), "5", "the minutes that were kept");
}

async function returned(t) {
  const practice = t.practices[1];
  const { ods, patients } = practice;
  const p = await t.person();
  await p.become(one(practice, "manager").name);
  await p.go(`/manage/${ods}/returns`);
  await p.look("national returns");
  await p.page.locator("section", { hasText: "Weekly" }).locator("a").nth(1).click(); // the demonstration has produced the last week's
  await p.look("a weekly return");
  lacks(await p.main(), "does not agree with the ledger", "the return");
  await p.press("Produce the files");
  has(await p.main(), "kept in the history", "what was done");
  await p.look("a return that was produced");
  const links = await p.page.locator("a[download]").evaluateAll((all) => all.map((a) => new URL(a.href).pathname).filter((x) => x.includes("/returns/")));
  ok(links.length === 7, `7 files, not ${links.length}`);
  for (const link of links) {
    const body = await file(p, link);
    for (const who of patients) lacks(body, who.name.split(" ").at(-1) + ",", link);
    ok(!/\b999\d{7}\b/.test(body), `${link} has no NHS number`);
  }
  await p.go(`/manage/${ods}/returns`);
  has(await p.main(), "Produced", "the list of returns");
}

async function progress(t) {
  const practice = t.practices[0];
  const patient = await t.person({ size: phone, script: false });
  await patient.become(practice.patients[2].name);
  await ask(patient, practice.ods, { what: "My knee clicks when I kneel.", kind: "A problem I have had before", how: "Phone call" });
  await patient.go(`/p/${practice.ods}/of/me/requests`);
  await patient.page.locator("main a[href*='/requests/']").first().click();
  await patient.look("how far a request has come");
  const before = await patient.main();
  for (const want of ["We have your request", "You do not need to send it again"]) has(before, want, "what the patient sees");
  lacks(before, "It is with", "what the patient sees before anybody has it");
  const way = patient.page.locator(".hw-way li");
  ok((await way.count()) >= 3, "the steps are shown");
  same(await patient.page.locator("[aria-current=step]").count(), 1, "one step is now");
}

export default [
  { group: "seeing", name: "a manager sees demand, waits, work and who fares worse", walk: manager },
  { group: "seeing", name: "a manager makes a national return and nobody is named in it", walk: returned },
  { group: "seeing", name: "a patient sees how far their request has come", walk: progress },
];
