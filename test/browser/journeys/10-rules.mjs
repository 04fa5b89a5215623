// Red flags: a navigator reads what a rule did in words, agrees and escalates;
// a clinician overrules, with a reason and not without. A manager adds a rule,
// its examples are tried, and the next request is raised by it. One that no
// longer compiles is said.
import { phone } from "../kit/browser.mjs";
import { has, lacks, ok, same } from "../kit/check.mjs";
import { ask } from "../kit/ask.mjs";

const one = (practice, role) => practice.staff.find((s) => s.role === role);

const saved = (p) => p.page.getByText("Decision about the red flag saved").first().waitFor();

async function decide(t) {
  const practice = t.practices[2];
  const { ods, fhir } = practice;
  const anybody = await t.person({ script: false, size: phone });
  const refs = [];
  for (const what of ["There is blood in my urine since yesterday.", "I have found a hard lump in my breast.", "There was blood in my urine this morning."]) {
    refs.push(await ask(anybody, ods, { what, given: "Rowan", family: "Testerly" }));
  }
  const [agree, escalate, overrule] = await Promise.all(refs.map((r) => fhir.request(r)));
  const n = await t.person({ size: phone });
  await n.become(one(practice, "navigator").name);
  await n.go(`/desk/${ods}/request/${agree.id}`);
  has(await n.text(".dk-redflag"), /blood in my urine/, "the words that met the rule");
  has(await n.text(".dk-redflag"), /Rule RF-\d{3}: answer today/, "the rule, and what it asks for");
  same(await n.page.getByRole("button", { name: "Overrule" }).count(), 0, "ways for a navigator to overrule");
  await n.look("red flag for a navigator");
  await n.page.getByRole("button", { name: /^Agree/ }).first().click();
  await saved(n);
  has(await n.text(".dk-redflag"), one(practice, "navigator").name.split(" ").pop(), "who agreed");
  await n.look("red flag agreed");
  await n.go(`/desk/${ods}/request/${escalate.id}`);
  await n.page.getByRole("button", { name: "Escalate: treat as an emergency" }).first().click();
  await saved(n);
  same((await fhir.get(`Task/${escalate.id}`)).priority, "stat", "what was escalated is an emergency");

  const gp = await t.person();
  await gp.become(one(practice, "clinician").name);
  await gp.go(`/desk/${ods}/request/${overrule.id}`);
  const over = async (reason) => {
    if (!(await gp.page.locator("details[open] [id^=reason-]").count())) await gp.page.locator("summary", { hasText: "Overrule, with a reason" }).first().click();
    await gp.page.locator("[id^=reason-]").first().fill(reason);
    await gp.page.getByRole("button", { name: "Overrule" }).first().click();
  };
  await over("  ");
  await gp.page.locator("[role=alert]").first().waitFor();
  has(await gp.text("[role=alert]"), /reason|why/i, "overruling without a reason is refused");
  await gp.look("overruling refused");
  await over("Beetroot yesterday, and the sample today was clear.");
  await saved(gp);
  has(await gp.text(".dk-redflag"), "Beetroot", "the reason");
  await gp.look("red flag overruled");
}

const rule = (id, word) => `[[rule]]
id = "${id}"
title = "Works at the ${word} and has a metal taste"
level = "urgent"
catches = "Possible fume fever among workers of the ${word}."
source = "Our own, agreed by the partners."
hazard = "H-002"
any = ["${word} .. metal taste"]
catch = ["${word} and a metal taste", "the ${word} gave me a metal taste"]
pass = ["${word} fit note"]
`;

async function own(t) {
  const practice = t.practices[2];
  const { ods, fhir } = practice;
  const m = await t.person();
  await m.become(one(practice, "manager").name);
  await m.go(`/manage/${ods}/red-flags`);
  await m.look("red flags here");
  const rules = m.page.locator("textarea[name=own]");
  await rules.fill(rule("LR-001", "smelter").replace("smelter gave me a metal taste", "smelter gave me a headache"));
  await m.press("Save");
  await m.page.locator(".nhsuk-error-message, .nhsuk-error-summary").first().waitFor();
  has(await m.main(), /does not find/, "an example that is not met");
  await m.look("own rule refused");
  await rules.fill(rule("LR-001", "smelter"));
  await m.page.getByRole("button", { name: /^Try on the last/ }).click();
  has(await m.main(), "Nothing has been saved or changed", "a trial");
  await m.look("own rule tried");
  await m.press("Save");
  await m.page.waitForURL(/done=saved/);

  const anybody = await t.person({ script: false, size: phone });
  const ref = await ask(anybody, ods, { what: "I work at the smelter and have a metal taste in my mouth.", given: "Rowan", family: "Testerly" });
  const task = await fhir.request(ref);
  ok(task.priority !== "routine", "the request is raised by the practice's own rule");
  const n = await t.person();
  await n.become(one(practice, "navigator").name);
  await n.go(`/desk/${ods}/request/${task.id}`);
  has(await n.text(".dk-redflag"), "LR-001", "the practice's own rule");
  lacks(await m.main(), "not in force", "the page of the rules");
  await m.go(`/manage/${ods}/rules`);
  has(await m.main(), "LR-001", "the list of rules");
}

export default [
  { group: "rules", name: "a red flag is agreed, escalated, and overruled only with a reason", walk: decide },
  { group: "rules", name: "a manager adds a red-flag rule, and a request is raised by it", walk: own },
];
