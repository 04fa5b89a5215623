// Who gets what and by when: people are told when they will hear before they
// ask and after; a manager tries a rule on the last weeks and saves it; the
// next request follows it; and a request is handed to another practice and its
// answer comes home.
import { ask, reference } from "../kit/ask.mjs";
import { phone } from "../kit/browser.mjs";
import { has, lacks, same, until } from "../kit/check.mjs";
import { one, take } from "../kit/staff.mjs";

async function promised(t) {
  const { ods } = t.practices[0];
  const p = await t.person({ size: phone, script: false });
  await until("the range is known", async () => {
    await p.go(`/p/${ods}/ask`);
    return (await p.main()).includes("If you ask now");
  });
  has(await p.main(), /You will hear from us .*at the latest|You will hear from us by/, "the range before asking");
  await p.look("ask with a range");
  await ask(p, ods, { what: "I have had a sore knee for two days." });
  has(await p.main(), /We will contact you (most likely .* at the latest|by )/, "the range on the receipt");
}

async function rules(t) {
  const practice = t.practices[0];
  const { ods, fhir } = practice;
  const m = await t.person();
  await m.become(one(practice, "manager").name);
  await m.go(`/manage/${ods}/routing`);
  await m.look("routing");
  await m.page.getByLabel("Test results", { exact: true }).check();
  await m.page.locator("#to").selectOption({ label: "Pharmacy team" });
  await m.press("Add to the list");
  has(await m.main(), "New: test results go to the Pharmacy team", "what is not yet saved");
  has(await m.main(), /[1-9]\d* would go to somebody else/, "what the rule would have done");
  await m.page.locator("summary", { hasText: "would go to somebody else" }).click();
  await m.look("routing rehearsed");
  await m.press("Save these rules");
  await m.page.waitForURL(/done=saved/);
  has(await m.main(), "New requests follow these rules", "that it is saved");
  const n = await t.person();
  await n.become(one(practice, "navigator").name);
  const ref = await take(n, practice, practice.patients[1], "test-result", "Would like the result of a blood test.");
  const task = await until("the request is in the ledger", () => fhir.request(ref));
  same(task.owner.reference, "CareTeam/pharmacy-team", "who has it");
  await n.go(`/desk/${ods}/request/${task.id}`);
  has(await n.main(), /Why they have it: rule \d+: test results go to the Pharmacy team/, "why they have it");
  await n.look("request given by a rule");
}

async function overflow(t) {
  const [home, hub] = [t.practices[0], t.practices[1]];
  const n = await t.person();
  await n.become(one(home, "navigator").name);
  const ref = await take(n, home, home.patients[0], "new-problem", "An itchy rash on both arms since the weekend.");
  await n.follow("Open the request");
  await n.page.locator("#act-network summary").click();
  await n.page.locator("#partner-" + hub.ods.toLowerCase()).check();
  await n.press("Hand over");
  has(await n.main(), "Ask the patient first", "nothing goes without consent");
  await n.look("handover without consent");
  await n.page.locator("#partner-" + hub.ods.toLowerCase()).check();
  await n.page.locator("#agreed").check();
  await n.page.locator("#how").fill("On the phone just now");
  await n.press("Hand over");
  await n.page.waitForURL(/done=network/);
  has(await n.main(), /comes back by itself/, "that it cannot be lost");
  const there = await until("it is at the other practice", () => hub.fhir.request(ref));
  const gp = await t.person();
  await gp.become(one(hub, "clinician").name);
  await gp.go(`/desk/${hub.ods}/request/${there.id}`);
  has(await gp.main(), /with the patient's consent/, "what they see");
  lacks(await gp.main(), "@", "an address for messages");
  await gp.look("request from another practice");
  await gp.go(`/desk/${hub.ods}/request/${there.id}/close`);
  await gp.page.locator("#outcome").selectOption("advice");
  await gp.page.locator("#told").fill("Use the cream twice a day for a week.");
  await gp.page.locator("#act-close button", { hasText: "Close" }).click();
  await gp.page.waitForURL(/done=close/);
  const ours = await until("the answer is home", async () => {
    const task = await home.fhir.request(ref);
    return task?.status === "completed" && task;
  });
  has(JSON.stringify(ours.output), "Use the cream", "what the patient is told");
}

export default [
  { group: "routing", name: "people are told when they will hear", walk: promised },
  { group: "routing", name: "a manager tries a rule on the last weeks, and saves it", walk: rules },
  { group: "routing", name: "another practice of the network answers", walk: overflow },
];
