// Walks the form with which a patient asks for help, one page after another,
// as a person does: by its labels and buttons.
import { Wrong } from "./check.mjs";

export const reference = /HW-[0-9A-Z]{4}-[0-9A-Z]{4}/;

const fresh = {
  asker: "Me", given: "Robin", family: "Testerly", birth: ["14", "3", "1984"], phone: "01632 960 123",
  kind: "A new health problem", what: "I have had a sore throat and a cough for three days.",
  long: "1 to 3 days", bad: "A bit of a problem", hope: "Advice about what to do.", tried: "Rest and warm drinks.",
  photos: [], how: "Phone call", not: "",
};

/** Fills the form in and stops at "Check your answers", or at a receipt. */
export async function fillIn(person, ods, answers = {}, looks = "") {
  const a = { ...fresh, ...answers };
  const { page } = person;
  await person.go(`/p/${ods}/ask`);
  if (looks) await person.look(`${looks} start`);
  await page.getByRole("button", { name: /^Start (now|a new form)$/ }).click();
  for (let i = 0; i < 25; i++) {
    await page.waitForURL(/\/ask\/[\w-]+/);
    const step = new URL(page.url()).pathname.split("/").pop();
    if (looks) await person.look(`${looks} ${step}`);
    if (step === "check" || step === "sent") return a;
    await (steps[step] ?? others)(person, a);
    await person.press("Continue");
    const said = page.locator(".nhsuk-error-summary");
    if (await said.count()) throw new Wrong(`the form did not take ${step}: ${await said.innerText()}`);
  }
  throw new Wrong("the form does not end");
}

/** Fills the form in, sends it and gives the reference on the receipt. */
export async function ask(person, ods, answers = {}, looks = "") {
  await fillIn(person, ods, answers, looks);
  if (person.path().endsWith("/check")) await person.press("Send");
  await person.page.waitForURL(/\/ask\/sent/);
  if (looks) await person.look(`${looks} sent`);
  return receipt(person);
}

/** The reference on the receipt. */
export async function receipt(person) {
  const text = await person.main();
  const m = reference.exec(text);
  if (!m) throw new Wrong(`no reference on the receipt: ${text}`);
  return m[0];
}

/** A page of a practice's form: the first choice of each question, or the answers given by their ids. */
async function others(p, a) {
  const shown = (await p.page.locator("input[name=shown]").inputValue()).split(" ");
  for (const id of shown) {
    const given = a.answers?.[id];
    const radio = p.page.locator(`input[type=radio][name="${id}"]`);
    if (await radio.count()) await (given ? p.page.locator(`input[type=radio][name="${id}"][value="${given}"]`) : radio.first()).check();
    else if (await p.page.locator(`[name="${id}-day"]`).count()) {
      const day = given ? new Date(given) : new Date();
      const parts = { day: day.getDate(), month: day.getMonth() + 1, year: day.getFullYear() };
      for (const [part, n] of Object.entries(parts)) await p.page.locator(`[name="${id}-${part}"]`).fill(String(n));
    } else if (given) await p.page.locator(`[name="${id}"]`).fill(given);
    else if (await p.page.locator(`textarea[name="${id}"]`).count()) await p.page.locator(`textarea[name="${id}"]`).fill("Nothing more to say.");
    else if (await p.page.locator(`input[inputmode=numeric][name="${id}"]`).count()) await p.page.locator(`[name="${id}"]`).fill("5");
  }
}

const steps = {
  async who(p, a) {
    await p.pick(a.asker);
  },
  async you(p, a) {
    await p.fill("First name", a.given);
    await p.fill("Last name", a.family);
    await p.fill("Day", a.birth[0]);
    await p.fill("Month", a.birth[1]);
    await p.fill("Year", a.birth[2]);
    await p.fill("Phone number we can call", a.phone);
    if (a.nhs) await p.fill("NHS number (if you know it)", a.nhs);
  },
  async kind(p, a) {
    await p.pick(a.kind);
  },
  async what(p, a) {
    await p.page.locator("textarea").fill(a.what);
  },
  async "how-long"(p, a) {
    await p.pick(a.long);
  },
  async "how-bad"(p, a) {
    await p.pick(a.bad);
  },
  async hope(p, a) {
    await p.page.locator("textarea").fill(a.hope);
  },
  async tried(p, a) {
    await p.page.locator("textarea").fill(a.tried);
  },
  async photos(p, a) {
    if (a.photos.length) await p.page.getByLabel("Choose a photo or PDF").setInputFiles(a.photos);
  },
  async contact(p, a) {
    await p.pick(a.how);
    if (a.how === "Phone call" || a.how === "Text message") await p.fill("Phone number", a.phone);
    if (a.email) await p.fill("Email address", a.email);
    if (a.not) await p.fill("Are there times we should not call?", a.not);
  },
};
