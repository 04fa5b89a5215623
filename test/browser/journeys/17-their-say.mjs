// What patients have a say in: a patient whose messages are switched off sees
// it, and what they write all the same becomes a request; after a request is
// closed a patient says how it went, and the manager's report counts it; a
// patient asks for a change of online access, and staff make it.
import { ask } from "../kit/ask.mjs";
import { phone } from "../kit/browser.mjs";
import { has, lacks, ok, same } from "../kit/check.mjs";
import { one } from "../kit/staff.mjs";

/** A patient asks without hurry; gives the Task. */
async function asked(p, practice, what) {
  return practice.fhir.request(await ask(p, practice.ods, { what, kind: "A letter, form or something else", how: "A message in my account here" }));
}

const requestOf = (practice, id) => `/p/${practice.ods}/of/me/requests/${id}`;

async function switchedOff(t) {
  const practice = t.practices[2];
  const p = await t.person({ size: phone, script: false });
  await p.become(practice.patients[2].name);
  const task = await asked(p, practice, "Please can I have a letter for my gym?");
  const path = requestOf(practice, task.id);
  await p.go(path);
  await p.fill("Write to us", "I forgot to say that I need it by Friday.");

  const d = await t.person();
  await d.become(one(practice, "clinician").name);
  const contact = `/desk/${practice.ods}/${task.for.reference.toLowerCase()}/contact`;
  await d.go(contact);
  await d.page.locator("summary", { hasText: "Switch off" }).click();
  await d.page.locator("#why").fill("We have agreed to talk by phone.");
  await d.press("Switch their messages off");
  has(await d.text("section[aria-labelledby=silence-head]"), "We have agreed to talk by phone.", "why they are off, for staff");

  await p.press("Send message"); // on the page as it was before
  ok(!p.path().includes(task.id), "what was written is not on the request that it was written on");
  has(await p.main(), "I forgot to say that I need it by Friday.", "the new request");
  await p.look("what was written all the same");
  const id = /requests\/([\w-]+)/.exec(p.path())[1];
  has((await practice.fhir.get(`Task/${id}`)).description, "I forgot to say that I need it by Friday.", "the request at the practice");
  await p.go(path);
  has(await p.main(), "Messages are switched off for you at the moment.", "what the patient sees");
  for (const not of ["Write to us", "agreed to talk by phone"]) lacks(await p.main(), not, "what the patient sees");
  await p.look("messages switched off");
  await p.follow("Ask for help");
  has(p.path(), "/ask", "they can ask for help");

  await d.go(`/desk/${practice.ods}/request/${id}`);
  has(await d.main(), "This patient’s messages are switched off.", "the desk");
  await d.go(contact);
  await d.page.locator("summary", { hasText: "Switch on again" }).click();
  await d.page.locator("#why").fill("The calls work well.");
  await d.press("Switch them on again");
  has(await d.text("section[aria-labelledby=silence-head]"), "They can write to us on their requests.", "that they are on");
  await p.go(path);
  has(await p.main(), "Write to us", "they can write again");
}

/** How many people answered, as the manager's report says. */
async function answered(m, practice) {
  await m.go(`/manage/${practice.ods}/feedback`);
  return Number(await m.page.locator(".dk-figure dd").first().innerText());
}

async function howItWent(t) {
  const practice = t.practices[2];
  const m = await t.person();
  await m.become(one(practice, "manager").name);
  const before = await answered(m, practice);
  const p = await t.person({ size: phone, script: false });
  await p.become(practice.patients[1].name);
  const task = await asked(p, practice, "Please change my phone number to 01632 960 444.");
  await p.go(requestOf(practice, task.id));
  lacks(await p.main(), "How it went", "while it is open");

  const d = await t.person();
  await d.become(one(practice, "navigator").name);
  await d.go(`/desk/${practice.ods}/request/${task.id}/close`);
  await d.page.locator("#outcome").selectOption("admin");
  await d.page.locator("#told").fill("We have changed your number.");
  await d.page.locator("#act-close button").click();
  await d.page.locator(".dk-notice", { hasText: "Closed" }).waitFor();

  await p.page.reload();
  await p.press("Tell us");
  has(await p.main(), "Choose how it was", "what is missing");
  await p.pick("Very good");
  await p.page.locator("#words").fill("Quick and kind, thank you.");
  await p.look("how it went");
  await p.press("Tell us");
  has(await p.main(), /You told us:\s*Very good/, "that it is kept");

  await d.page.reload();
  has(await d.main(), "Quick and kind, thank you.", "those who worked on it read it");
  same(await answered(m, practice), before + 1, "people who answered");
  await m.look("how it went, the report");
  lacks(await m.main(), "Quick and kind", "the report");
}

async function accessChanged(t) {
  const practice = t.practices[2];
  const p = await t.person({ size: phone, script: false });
  await p.become(practice.patients[3].name);
  await p.go(`/p/${practice.ods}/of/me/record`);
  await p.follow("Ask us to change what you see, or who can act for you");
  await p.press("Send to the practice");
  has(await p.main(), "Choose what you want to change", "what is missing");
  await p.pick("Let someone act for me online");
  await p.page.locator("#text").fill("My sister Robin should book for me.");
  await p.look("ask to change online access");
  await p.press("Send to the practice");
  has(await p.main(), "Nothing has changed yet.", "what was done");
  await p.follow("See your request and our answer");
  const id = /requests\/([\w-]+)/.exec(p.path())[1];
  const task = await practice.fhir.get(`Task/${id}`);

  const d = await t.person();
  await d.become(one(practice, "navigator").name);
  await d.go(`/desk/${practice.ods}/request/${id}`);
  has(await d.main(), "My sister Robin should book for me.", "the request at the desk");
  await d.go(`/desk/${practice.ods}/${task.for.reference.toLowerCase()}/online`);
  await d.page.locator("summary", { hasText: "Let somebody act for them" }).click();
  await d.fill("Name of the person", "Robin Testerly");
  await d.fill("Their e-mail address", "robin.testerly@patient.example.org");
  await d.fill("Who they are to the patient", "sister");
  await d.page.locator("#given").fill("Asked by the patient, who came to the desk");
  await d.page.locator("input[name=scope]").first().check();
  await d.page.locator("input[name=proxy-checked]").first().check();
  await d.page.getByRole("button", { name: /^Let them act for/ }).click();
  await d.page.getByText("Robin Testerly, sister").waitFor();
  await d.look("somebody may act for them");
  await d.go(`/desk/${practice.ods}/request/${id}/close`);
  await d.page.locator("#outcome").selectOption("admin");
  await d.page.locator("#told").fill("Your sister can book for you now.");
  await d.page.locator("#act-close button").click();
  await d.page.locator(".dk-notice", { hasText: "Closed" }).waitFor();

  await p.page.reload();
  has(await p.main(), "Your sister can book for you now.", "our answer");
  const s = await t.person({ size: phone });
  await s.become("Robin Testerly");
  has(await s.main(), practice.patients[3].name, "whom the sister helps");
  await s.leave();
}

export default [
  { group: "say", name: "messages are switched off for a patient, and what is written all the same is a request", walk: switchedOff },
  { group: "say", name: "a patient says how it went, and the manager's report counts it", walk: howItWent },
  { group: "say", name: "a patient asks for a change of online access, and staff make it", walk: accessChanged },
];
