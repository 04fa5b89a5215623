// Messages: a navigator begins a thread with a template and questions, the
// patient answers by the link in the text without script, and the navigator
// sees the answers; a planned message is stopped; a template is changed.
import { phone } from "../kit/browser.mjs";
import { has, lacks, until } from "../kit/check.mjs";
import { one } from "../kit/staff.mjs";

/** Opens a patient's page for writing to them, and gives their date of birth. */
async function write(n, practice, patient) {
  await n.go(`/desk/${practice.ods}/patients?q=${encodeURIComponent(patient.name)}`);
  await n.page.getByRole("link", { name: patient.name }).first().click();
  await n.page.getByRole("link", { name: "Message", exact: true }).click();
  await n.page.waitForURL(/\/write/);
  return /born (\d+ \w+ \d{4})/.exec(await n.main())[1];
}

/** The end of the number to which the page says it goes. */
async function goesTo(n) {
  const page = await n.main();
  const phone = /the number ending (\d{3})/.exec(page);
  const nhs = /NHS number [\d ]*(\d{4})\b/.exec(page); // of their NHS account
  return (phone ?? nhs)[1];
}

async function send(n) {
  const checked = n.page.locator("#checked");
  if (await checked.count()) await checked.check();
  await n.press("Send");
}

async function thread(t) {
  const practice = t.practices[0];
  const patient = practice.patients[0];
  const n = await t.person();
  await n.become(one(practice, "navigator").name);
  const born = new Date(`${await write(n, practice, patient)} UTC`);
  const to = await goesTo(n);
  await n.fill("What it is about", "How you have been");
  await n.page.locator("#template").selectOption("questions");
  await n.page.locator("#send-form").selectOption({ label: "How you have felt this week" });
  await n.look("write to a patient");
  await send(n);
  await n.page.getByText("Sent.", { exact: true }).first().waitFor();
  await n.follow("Open it");
  has(await n.main(), "Waiting for the patient", "the state of the thread");

  const d = await t.person();
  const link = await until("the notice has been sent", async () => {
    await d.go("/demo/sent");
    const card = d.page.locator(".nhsuk-card").filter({ has: d.page.locator("strong", { hasText: new RegExp(`^To .*${to}$`) }) });
    const a = card.getByRole("link", { name: "Open its link" }).first();
    return (await a.count()) ? a.getAttribute("href") : undefined;
  });
  await d.look("what was sent");
  lacks(await d.main(), "Please answer a few questions", "what the notice says");

  const p = await t.person({ size: phone, script: false });
  await p.go(link);
  await p.fill("Day", String(born.getUTCDate()));
  await p.fill("Month", String(born.getUTCMonth() + 1));
  await p.fill("Year", String(born.getUTCFullYear()));
  await p.press("Continue");
  await p.look("a message with questions by link");
  await p.press("Answer the questions");
  for (const name of ["The same", "No"]) await p.page.getByLabel(name, { exact: true }).check();
  await p.press("Send answers");
  has(await p.main(), "Choose an answer", "what is left open");
  for (const [name, value] of [["low", "some"], ["worry", "hardly"], ["sleep", "badly"]]) await p.page.locator(`input[name=${name}][value=${value}]`).check();
  await p.page.locator("#what").fill("Long days, but it goes.");
  await p.look("questions by link");
  await p.press("Send answers");
  has(await p.main(), "We have your reply", "the thanks");

  await n.page.reload();
  has(await n.main(), "Long days, but it goes.", "the answers at the desk");
  has(await n.main(), "Waiting to be looked at", "the state after the answers");
  await n.look("answers at the desk");
}

async function planned(t) {
  const practice = t.practices[0];
  const n = await t.person();
  await n.become(one(practice, "navigator").name);
  await write(n, practice, practice.patients[1]);
  await n.fill("What it is about", "After your operation");
  await n.page.locator("#message").fill("How is the wound?");
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  await n.page.locator("#later-day").fill(tomorrow);
  await n.page.locator("#later-time").fill("09:00");
  await send(n);
  has(await n.main(), "How is the wound?", "that it is planned");
  await n.look("a planned message");
  await n.page.getByRole("button", { name: /^Stop it/ }).first().click();
  await n.page.getByText("Stopped. It will not be sent.").waitFor();
  lacks(await n.main(), "How is the wound?", "what is planned after it was stopped");
}

async function template(t) {
  const practice = t.practices[0];
  const m = await t.person();
  await m.become(one(practice, "manager").name);
  await m.go(`/manage/${practice.ods}/templates`);
  await m.look("templates");
  await m.follow("Ask for a photo");
  await m.look("a template");
  await m.page.locator("#body").fill("Hello {given}. Send a photo of {whatever}.");
  await m.press("Save");
  has(await m.main(), "{whatever} is not a place", "an unknown place");
  await m.page.locator("#body").fill("Hello {given}. Send us a photo of {what}, please.");
  await m.page.locator("#welsh").fill("");
  await m.press("Save");
  has(await m.main(), "Saved.", "that it is saved");
  has(await m.main(), "Hello Ann.", "what the patient will read");
}

export default [
  { group: "messages", name: "a thread with questions is answered by link without script", walk: thread },
  { group: "messages", name: "a planned message is stopped", walk: planned },
  { group: "messages", name: "a manager changes a template", walk: template },
];
