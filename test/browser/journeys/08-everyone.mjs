// Asking is for everyone: carers, children, in Welsh, with a quick way out,
// through a lost signal, and at 200 % zoom.
import { fillIn } from "../kit/ask.mjs";
import { phone } from "../kit/browser.mjs";
import { has, lacks, ok, same } from "../kit/check.mjs";

async function carer(t) {
  const { ods } = t.practices[1];
  const p = await t.person({ script: false, size: phone });
  await p.go(`/p/${ods}/ask`);
  await p.press("Start now");
  await p.look("ask who");
  await fillIn(p, ods, { asker: "Me, because I look after someone", what: "I am worn out and need a break.", answers: { hours: "50" } });
  const check = await p.main();
  has(check, "How many hours a week do you care for them?", "the form for carers");
  has(check, "Me, because I look after someone", "who it is for");
}

async function child(t) {
  const { ods } = t.practices[1];
  const p = await t.person({ script: false, size: phone });
  await fillIn(p, ods, { what: "An itchy arm since Monday.", bad: "They do a bit less than normal", birth: ["14", "3", String(new Date().getFullYear() - 7)] });
  has(await p.main(), "Are they drinking, and passing water?", "a child's form");
}

async function welsh(t) {
  const { ods } = t.practices[1];
  const p = await t.person({ script: false, size: phone });
  await p.go(`/p/${ods}/ask`);
  await p.follow("Cymraeg");
  same(await p.page.locator("html").getAttribute("lang"), "cy", "the language of the page");
  await p.page.locator("form button").first().click();
  await p.page.getByRole("radio").first().check();
  await p.page.getByRole("button", { name: "Parhau" }).click();
  for (const [name, value] of [["given", "Siân"], ["family", "Enghraifft"], ["birth-day", "14"], ["birth-month", "3"], ["birth-year", "1984"], ["phone", "01632 960 123"]]) await p.page.locator(`[name="${name}"]`).fill(value);
  await p.page.getByRole("button", { name: "Parhau" }).click();
  await p.page.locator('input[value="review"]').check();
  await p.page.getByRole("button", { name: "Parhau" }).click();
  has(await p.main(), "Sut ydych chi wedi bod?", "the form in Welsh");
  lacks(await p.main(), "How have you been?", "the form in Welsh");
  await p.look("ask in Welsh");
}

async function lostSignal(t) {
  const { ods } = t.practices[1];
  const p = await t.person({ size: phone });
  await p.go(`/p/${ods}/ask`);
  await p.press("Start now");
  await p.pick("Me");
  await p.press("Continue");
  for (const [label, value] of [["First name", "Robin"], ["Last name", "Signalless"], ["Day", "14"], ["Month", "3"], ["Year", "1984"], ["Phone number we can call", "01632 960 123"]]) await p.fill(label, value);
  await p.press("Continue");
  await p.pick("A new health problem");
  await p.press("Continue");
  const what = "My knee clicks when I climb the stairs.";
  await p.page.locator("textarea").fill(what);
  p.expect(/ERR_INTERNET_DISCONNECTED|Failed to fetch|Failed to load/);
  await p.context.setOffline(true);
  await p.page.getByRole("button", { name: "Continue" }).click({ noWaitAfter: true });
  has(await p.main(), "Not sent yet: there is no connection", "what is said without a connection");
  await p.context.setOffline(false);
  await p.page.waitForURL(/\/ask\/how-long/); // it is sent when the connection is back
  await p.go(`/p/${ods}/ask/what`);
  same(await p.page.locator("textarea").inputValue(), what, "what was typed, after the signal was lost");
  ok(await p.page.locator(".hw-leave__link").count(), "there is a quick way out");
}

async function zoomed(t) {
  const { ods, patients } = t.practices[1];
  const p = await t.person({ size: { width: 640, height: 480 } });
  const flat = async (what) => ok(await p.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${what} scrolls sideways at 200 %`);
  for (const path of ["", "ask", "return"]) {
    await p.go(`/p/${ods}/${path}`);
    await flat(path || "home");
  }
  await fillIn(p, ods, { what: "A dry cough for a week." });
  await flat("the answers to check");
  await p.become(patients[2].name);
  for (const path of ["", "of/me/requests", "of/me/appointments", "of/me/record"]) {
    await p.go(`/p/${ods}/${path}`);
    await flat(path || "a patient's home");
  }
}

export default [
  { group: "everyone", name: "a carer is asked about caring", walk: carer },
  { group: "everyone", name: "a child's form is asked for a child", walk: child },
  { group: "everyone", name: "the form is in Welsh", walk: welsh },
  { group: "everyone", name: "what was typed outlives a lost signal", walk: lostSignal },
  { group: "everyone", name: "at 200 % nothing scrolls sideways", walk: zoomed },
];
