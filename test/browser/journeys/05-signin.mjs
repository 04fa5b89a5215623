// The ways in: an invitation with a password and a second factor, a passkey,
// and for patients a link by e-mail.
import { has, lacks, ok, same, until } from "../kit/check.mjs";
import { phone } from "../kit/browser.mjs";
import { chore, folder, freePort, start } from "../kit/server.mjs";
import { totp } from "../kit/totp.mjs";
import { one } from "../kit/staff.mjs";

const password = "correct horse battery staple 7";

async function staff(t) {
  const practice = t.practices[1];
  const manager = await t.person();
  await manager.become(one(practice, "manager").name);
  await manager.go(`/manage/${practice.ods}/accounts`);
  await manager.look("accounts");
  await manager.press("Invite");
  ok(await manager.page.locator(".nhsuk-error-message").count(), "an empty invitation is refused");
  await manager.look("accounts empty");
  const email = "quill.testerly@example.org";
  await manager.fill("Name", "Quill Testerly");
  await manager.fill("Work e-mail address", email);
  await manager.page.getByRole("radio", { name: /navigator/i }).check();
  await manager.press("Invite");
  const link = (await manager.text(".dk-code")).trim();
  has(link, "/sign-in/invite/", "the invitation");
  await manager.look("accounts invited");

  const p = await t.person();
  await p.go(link);
  has(await p.main(), "Quill Testerly", "the invitation says for whom it is");
  await p.look("invitation");
  await p.press("Finish");
  ok(await p.page.locator(".nhsuk-error-summary").count(), "an empty enrolment is refused");
  await p.look("invitation empty");
  const secret = (await p.page.locator("main p strong").last().innerText()).trim();
  await p.fill("Choose a password", "short");
  await p.fill("The same password again", "short");
  await p.fill("The 6 digits that the app shows", totp(secret));
  await p.press("Finish");
  has(await p.text(".nhsuk-error-summary"), /12 characters/i, "a short password");
  const kept = (await p.page.locator("main p strong").last().innerText()).trim();
  const used = totp(kept);
  await p.fill("Choose a password", password);
  await p.fill("The same password again", password);
  await p.fill("The 6 digits that the app shows", used);
  await p.press("Finish");
  has(await p.main(), "Keep your recovery codes", "the page after enrolling");
  await p.look("recovery codes");
  const codes = await p.page.locator("main code").allInnerTexts();
  ok(codes.length >= 5, `${codes.length} recovery codes`);
  await p.page.getByRole("link", { name: "I have kept them" }).or(p.page.getByRole("button", { name: "I have kept them" })).click();
  await p.page.waitForURL(/\/desk\//);
  has(await p.text("header"), "Quill Testerly", "who is signed in");
  await p.press("Sign out");
  await p.go(`/desk/${practice.ods}/`);
  has(p.path(), "/sign-in/staff", "the desk after signing out");
  await p.look("staff sign in");

  // A wrong password, a code that was used, a wrong code; then the right ones.
  const enter = async (word) => {
    await p.go(`/sign-in/staff?next=${encodeURIComponent(`/desk/${practice.ods}/diary`)}`);
    await p.fill("E-mail address", email);
    await p.fill("Password", word);
    await p.press("Continue");
  };
  await enter("not the password at all");
  ok(await p.page.locator(".nhsuk-error-summary").count(), "a wrong password is refused");
  await p.look("staff sign in refused");
  await enter(password);
  has(p.path(), "/sign-in/code", "the page after the password");
  await p.look("staff code");
  await p.fill("Enter your code", "000000");
  await p.press("Sign in");
  ok(await p.page.locator(".nhsuk-error-summary").count(), "a wrong code is refused");
  await p.look("staff code refused");
  await p.fill("Enter your code", used);
  await p.press("Sign in");
  ok(await p.page.locator(".nhsuk-error-summary").count(), "a code that was used is refused");
  await p.fill("Enter your code", totp(kept, Date.now() + 30_000));
  await p.press("Sign in");
  await p.page.waitForURL(/\/diary/);
  await p.go(`/desk/${practice.ods}/`);
  await p.press("Sign out");
  // The phone is lost: a recovery code works, once.
  for (const first of [true, false]) {
    await enter(password);
    await p.fill("Enter your code", codes[0]);
    await p.press("Sign in");
    if (first) {
      await p.page.waitForURL(/\/diary/);
      await p.press("Sign out");
    } else ok(await p.page.locator(".nhsuk-error-summary").count(), "a recovery code that was used is refused");
  }
  // The invitation works once.
  await p.go(link);
  has(await p.main(), "does not work any more", "an invitation that was used");
  await p.look("stale link");
  // Stopped by the manager, they are out at once.
  await enter(password);
  await p.fill("Enter your code", codes[1]);
  await p.press("Sign in");
  await p.page.waitForURL(/\/diary/);
  await manager.go(`/manage/${practice.ods}/accounts`);
  await manager.page.getByRole("button", { name: "Stop Quill Testerly" }).click();
  has(await manager.main(), "Stopped", "the list of accounts");
  await p.go(`/desk/${practice.ods}/`);
  has(p.path(), "/sign-in", "the desk for somebody who was stopped");
}

/** The text of an e-mail, as a reader shows it. */
const decode = (mail) => mail.replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/g, (_, h) => String.fromCharCode(parseInt(h, 16)));

async function emailed(t) {
  const practice = t.practices[1];
  const sample = practice.patients[3];
  const [given, ...family] = sample.name.split(" ");
  const candidates = await practice.fhir.search("Patient", { given, family: family.join(" ") });
  ok(candidates.length, `${sample.name} is in the record`);
  const p = await t.person({ script: false, size: phone });
  const wanted = `/p/${practice.ods}/of/me/appointments`;
  const askFor = async (email) => {
    await p.go(wanted);
    has(p.path(), "/sign-in", "where somebody who has not signed in is led");
    await p.fill("Your e-mail address", email);
    await p.press("Send me a link");
    return p.main();
  };
  await p.go("/sign-in");
  await p.look("sign in");
  await p.press("Send me a link");
  ok(await p.page.locator(".nhsuk-error-summary").count(), "no address is refused");
  await p.look("sign in empty");
  const unknown = await askFor("nobody.testerly@example.org");
  let mail;
  let address;
  for (const c of candidates) {
    address = `${c.id}@patient.example.org`;
    same(await askFor(address), unknown, "what is said about an address that is known, and one that is not");
    mail = await until("the e-mail is in the outbox", async () => (await t.demo.outbox()).find((m) => m.includes(address) && m.includes("/sign-in/link/")), 5000).catch(() => undefined);
    if (mail) break;
  }
  await p.look("sign in sent");
  ok(mail, `an e-mail went to ${address}`);
  lacks((await t.demo.outbox()).join("\n"), "nobody.testerly", "e-mails to unknown addresses");
  const link = /http\S+\/sign-in\/link\/\S+/.exec(decode(mail))[0];
  await p.go(link);
  has(await p.main(), `Sign in as ${sample.name}`, "the page of the link");
  await p.look("sign in link");
  await p.press("Continue");
  same(new URL(p.page.url()).pathname, wanted, "where the patient arrives");
  // It works once.
  const other = await t.person({ script: false });
  await other.go(link);
  if (await other.page.getByRole("button", { name: "Continue" }).count()) await other.press("Continue");
  has(await other.main(), "does not work any more", "a link that was used");
  lacks(await other.text("header"), sample.name, "who is signed in");
}

async function passkey(t) {
  const home = await folder();
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const email = "ines.testerly@example.org";
  const made = await chore("account", "--data", home.data, "--practice", "Z90009", "--name", "Ines Testerly", "--email", email, "--role", "manager", "--origin", origin);
  same(made.status, 0, `status of heartwood account (${made.stderr})`);
  const link = /http\S+\/sign-in\/invite\/\S+/.exec(made.stdout)?.[0];
  ok(link, `heartwood account prints a link: ${made.stdout}`);
  const server = await start(["serve", "--listen", `127.0.0.1:${port}`, "--origin", origin], home.data);
  try {
    const p = await t.person({ origin });
    const cdp = await p.context.newCDPSession(p.page);
    await cdp.send("WebAuthn.enable");
    await cdp.send("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
    await p.go(link);
    await p.look("invitation with passkey");
    await p.press("Set up a passkey");
    await p.page.waitForURL((u) => !u.pathname.startsWith("/sign-in/invite"));
    await p.go("/manage/Z90009/");
    has(await p.text("header"), "Ines Testerly", "who is signed in");
    lacks(await p.text(), "Demonstration", "a page of an installation");
    await p.look("today of an empty practice");
    for (const path of ["reconcile", "accounts"]) {
      await p.go(`/manage/Z90009/${path}`);
      await p.look(`${path} of an empty practice`);
    }
    await p.go("/account/passkeys");
    has(await p.main(), "Your passkeys", "the page of passkeys");
    await p.look("passkeys");
    await p.go("/manage/Z90009/");
    await p.press("Sign out");
    await p.go("/sign-in/staff");
    await p.look("staff sign in with passkey");
    await p.press("Use a passkey");
    await p.page.waitForURL(/\/manage\/Z90009\//);
    has(await p.text("header"), "Ines Testerly", "who is signed in with the passkey");
    same((await p.go("/demo")).status(), 404, "the demonstration's sign-in, outside a demonstration");
    const forged = await p.context.request.post(origin + "/demo", { form: { who: "Z90009/x" }, headers: { Origin: origin } });
    same(forged.status(), 404, "the demonstration's sign-in, sent");
  } finally {
    await server.stop();
    await home.remove();
  }
}

export default [
  { group: "sign-in", name: "staff are invited, set a password and a code, sign in, and are stopped", walk: staff },
  { group: "sign-in", name: "a patient signs in with a link by e-mail", walk: emailed },
  { group: "sign-in", name: "a manager of a new installation signs in with a passkey", walk: passkey },
];
