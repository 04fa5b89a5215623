// A practice's own rules: a manager sets a stricter clock, tries it on what is
// open and saves it, and says that somebody is away. A navigator then takes a
// request that is due sooner and says why, and finds what was with the one who
// is away back with their team.
import { phone } from "../kit/browser.mjs";
import { has, until } from "../kit/check.mjs";
import { one, take } from "../kit/staff.mjs";

async function sooner(t) {
  const practice = t.practices[2];
  const { ods, fhir } = practice;
  const m = await t.person();
  await m.become(one(practice, "manager").name);
  await m.go(`/manage/${ods}/settings`);
  await m.follow("Answered sooner");
  await m.page.getByLabel(/what is answered sooner/).last().selectOption("kind:fit-note");
  await m.page.getByLabel(/how soon/).last().selectOption("60");
  await m.press("Try on what is open now");
  has(await m.main(), /requests? (is|are) open/, "what is open now");
  await m.look("answered sooner");
  await m.press("Save");
  await m.page.waitForURL(/done=saved/);
  const n = await t.person();
  await n.become(one(practice, "navigator").name);
  const ref = await take(n, practice, practice.patients[1], "fit-note", "Needs another sick note, back still sore.");
  const task = await until("the request is in the ledger", () => fhir.request(ref));
  await n.go(`/desk/${ods}/request/${task.id}`);
  has(await n.main(), /Due by .* because of the practice’s own clock\. A fit note .*: within 1 hour of opening time/, "why it is due");
  await n.look("request with a stricter clock");
}

async function away(t) {
  const practice = t.practices[2];
  const { ods, fhir } = practice;
  const m = await t.person({ size: phone });
  await m.become(one(practice, "manager").name);
  await m.go(`/manage/${ods}/teams`);
  await m.look("teams and absences");
  await m.follow("Pharmacy team");
  await m.look("one team");
  await m.page.getByLabel("Contraception", { exact: true }).check();
  await m.press("Save");
  await m.page.waitForURL(/done=team/);
  const n = await t.person();
  await n.become(one(practice, "navigator").name);
  const ref = await take(n, practice, practice.patients[2], "contraception", "Would like to talk about the pill.");
  const task = await until("the request is in the ledger", () => fhir.request(ref));
  await n.go(`/desk/${ods}/request/${task.id}/assign`);
  const pharmacist = await n.page.locator("#act-assign select option", { hasText: "Pharmacist" }).first();
  const [who, name] = [await pharmacist.getAttribute("value"), (await pharmacist.innerText()).split(",")[0].trim()];
  await n.page.locator("#act-assign select").first().selectOption(who);
  await n.page.locator("#act-assign button").first().click();
  await n.page.waitForURL(/done=assign/);
  const today = new Date().toISOString().slice(0, 10);
  await m.page.locator("#who").selectOption(who);
  await m.page.locator("#from").fill(today);
  await m.page.locator("#to").fill(today);
  await m.press("Save the absence");
  await m.page.waitForURL(/done=away/);
  has(await m.main(), "Away now", "who is away");
  const back = await until("the ledger has handed it back", async () => {
    const now = await fhir.request(ref);
    return now?.owner.reference.startsWith("CareTeam/") && now;
  }, 90_000);
  has(back.owner.display, "Pharmacy team", "whose it is now");
  await n.go(`/desk/${ods}/request/${task.id}`);
  has(await n.main(), new RegExp(`${name} is away until`), "why it came back");
  await n.look("request handed back");
  await n.go(`/desk/${ods}/?with=${encodeURIComponent(back.owner.reference)}`);
  has(await n.main(), /the pill/, "the queue of the team");
}

export default [
  { group: "local", name: "a manager sets a stricter clock, a navigator sees why", walk: sooner },
  { group: "local", name: "what is with somebody who is away goes back to their team", walk: away },
];
