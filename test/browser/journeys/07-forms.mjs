// Forms: a manager adds a question, walks the form, and publishes it; the next
// patient is asked it and the navigator sees the answer. A form is put by and
// comes back on another device.
import { ask } from "../kit/ask.mjs";
import { phone } from "../kit/browser.mjs";
import { has, lacks, ok, same, until } from "../kit/check.mjs";
import { one } from "../kit/staff.mjs";

async function written(t) {
  const practice = t.practices[2] ?? t.practices[1];
  const { ods, fhir } = practice;
  const m = await t.person({ script: false });
  await m.become(one(practice, "manager").name);
  await m.go(`/manage/${ods}/forms`);
  await m.look("forms");
  await m.follow(/^A letter, form or something else/);
  await m.look("form");
  await m.page.getByRole("link", { name: /Add one after it.*question 1\)/ }).click();
  await m.page.locator("#text").fill("Is it for a school?");
  await m.page.locator("#type").selectOption("boolean");
  await m.look("form question");
  await m.press("Keep in the draft");
  has(await m.main(), "New question: “Is it for a school?”", "what the draft changes");
  await m.follow("Walk it as the patient sees it");
  has(await m.main(), "Nothing that you write here is kept", "what a walk is");
  await m.page.locator("textarea").fill("A letter, please.");
  await m.press("Continue");
  has(await m.main(), "Is it for a school?", "the new question in the walk");
  await m.look("form walked");
  await m.go(`/manage/${ods}/forms/admin`);
  await m.press("Publish a new version");
  has(await m.main(), "Published.", "that it is published");
  await m.look("form published");

  const p = await t.person({ script: false, size: phone });
  const ref = await ask(p, ods, { kind: "A letter, form or something else", what: "A letter about my son, please.", answers: { "is-it-for-a-school": "true" } });
  const task = await until("the request is in the ledger", () => fhir.request(ref));
  const qr = await fhir.get(task.focus.reference);
  has(qr.questionnaire, "Questionnaire/admin|1.1", "the version that was asked");
  ok(JSON.stringify(qr).includes("is-it-for-a-school"), "the answer is kept");
  const n = await t.person();
  await n.become(one(practice, "navigator").name);
  await n.go(`/desk/${ods}/request/${task.id}`);
  has(await n.main(), "Is it for a school?", "what the navigator sees");
}

async function putBy(t) {
  const { ods } = t.practices[1];
  const what = "My elbow has been stiff for two weeks.";
  const p = await t.person({ script: false, size: phone });
  await p.go(`/p/${ods}/ask`);
  await p.press("Start now");
  await p.pick("Me");
  await p.press("Continue");
  for (const [label, value] of [["First name", "Robin"], ["Last name", "Laterly"], ["Day", "14"], ["Month", "3"], ["Year", "1984"], ["Phone number we can call", "01632 960 123"]]) await p.fill(label, value);
  await p.press("Continue");
  await p.pick("A new health problem");
  await p.press("Continue");
  await p.page.locator("textarea").fill(what);
  await p.press("Save and come back later");
  const told = await p.main();
  has(told, "It has not been sent", "what saving is");
  await p.look("ask later");
  const code = /[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{5}/.exec(told)?.[0];
  ok(code, `a code is shown: ${told}`);

  const q = await t.person({ script: false });
  await q.go(`/p/${ods}/ask`);
  await q.follow("go back to it");
  await q.look("return");
  await q.fill("Your code", code.toLowerCase());
  await q.press("Continue");
  has(await q.main(), "Go back to a form", "without the date of birth it stays shut");
  lacks(await q.main(), what, "a page that was not opened");
  for (const [label, value] of [["Day", "14"], ["Month", "3"], ["Year", "1984"]]) await q.fill(label, value);
  await q.press("Continue");
  await q.go(`/p/${ods}/ask/what`);
  same(await q.page.locator("textarea").inputValue(), what, "what was written on the other device");
}

export default [
  { group: "forms", name: "a manager writes, walks and publishes a form, and the next patient is asked it", walk: written },
  { group: "forms", name: "a form is put by on one device and comes back on another, without script", walk: putBy },
];
