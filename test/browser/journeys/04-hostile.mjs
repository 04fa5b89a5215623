// What is meant to break things: script, HTML and SQL in every field, files
// that are not what they say, and connections that are lost.
import { ask, fillIn, receipt } from "../kit/ask.mjs";
import { phone } from "../kit/browser.mjs";
import { has, lacks, ok, same, until } from "../kit/check.mjs";
import { giant, liar, png } from "../kit/files.mjs";
import { answer } from "../kit/server.mjs";
import { by } from "../kit/staff.mjs";

let serial = 0;

/** Something hostile, each time another, short enough for a name. */
const nasty = (where) => `${where}${++serial}"'><script>alert(1)</script><img src=x onerror=alert(2)>'; DROP TABLE x;-- {{7*7}}`;

async function everyField(t) {
  const practice = t.practices[1];
  const { ods, fhir } = practice;
  // Somebody without an account.
  const p = await t.person();
  const said = { given: nasty("g"), family: nasty("f"), what: nasty("what"), hope: nasty("hope"), tried: nasty("tried"), not: nasty("not") };
  await fillIn(p, ods, { ...said, photos: [{ name: `a"><img src=x onerror=alert(3)>.png`, mimeType: "image/png", buffer: png(40, 30) }] });
  await p.go(`/p/${ods}/ask/contact?change`);
  const language = nasty("l").slice(0, 55);
  await p.fill("Interpreter", language);
  await p.fill("What else would help you?", nasty("else"));
  await p.press("Continue");
  const check = await p.main();
  for (const part of Object.values(said)) has(check, part, "the answers to check, as text");
  has(check, language, "the answers to check, as text");
  await p.press("Send");
  const ref = await receipt(p);
  const task = await until("the request is in the ledger", () => fhir.request(ref));
  const qr = await fhir.get(task.focus.reference);
  for (const id of ["what", "given", "family", "tried"]) same(answer(qr, id), said[id], `${id} in the record`);

  const nav = await t.person();
  await nav.become(by(practice, "navigator")[0].name);
  await nav.page.locator("[data-row]", { hasText: said.what.slice(0, 12) }).first().waitFor();
  await nav.go(`/desk/${ods}/request/${task.id}`);
  const text = await nav.main();
  for (const part of Object.values(said)) has(text, part, "the request at the desk, as text");
  same(await nav.page.locator('main img[src="x"]').count(), 0, "pictures that were smuggled in");

  // Fields of the desk.
  const patient = await t.person({ size: phone });
  await patient.become(practice.patients[1].name);
  const mine = await ask(patient, ods, { what: nasty("mine"), how: "A message in my account here" });
  const { id } = await fhir.request(mine);
  const at = `/desk/${ods}/request/${id}`;
  const send = async (act, fields, button, words) => {
    await nav.go(`${at}/${act}`);
    for (const [name, value] of Object.entries(fields)) await nav.page.locator(`#act-${act} [name="${name}"]`).first().fill(value);
    await nav.page.locator(`#act-${act}`).getByRole("button", { name: button, exact: true }).click();
    await nav.page.locator(".dk-notice").filter({ hasText: words }).waitFor();
  };
  const wrote = { reason: nasty("why"), message: nasty("hello ").replace("{{7*7}}", "").trim(), note: nasty("note"), job: nasty("job") };
  await send("urgency", { reason: wrote.reason }, "Save urgency", "Urgency saved");
  await send("reply", { message: wrote.message }, "Send", "Sent");
  await send("offer", { note: wrote.note }, "Send the offer", "Offer sent");
  await send("job", { what: wrote.job }, "Give the job", "Job given");
  const thread = await nav.main();
  has(thread, wrote.reason, "the reason in the story, as text");
  has(thread, wrote.message, "the message in the story, as text");
  await nav.go(`/desk/${ods}/jobs?show=all`);
  await nav.go(`/desk/${ods}/jobs`);
  await patient.go(`/p/${ods}/of/me/requests/${id}`);
  has(await patient.main(), wrote.message, "the message to the patient, as text");
  const back = nasty("back");
  await patient.fill("Write to us", back);
  await patient.press("Send message");
  has(await patient.main(), back, "the patient's message, as text");
  await nav.go(at);
  has(await nav.main(), back, "the patient's message at the desk, as text");

  // A consultation.
  const gp = await t.person();
  await gp.become(by(practice, "clinician")[0].name);
  await gp.go(`/desk/${ods}/consult?request=${id}`);
  const note = {};
  for (const part of ["reason", "history", "examination", "plan", "safety-netting", "comment"]) {
    note[part] = nasty(part);
    await gp.page.locator(`#${part}`).fill(note[part]);
  }
  const [allergy, reaction, finding] = [nasty("allergy"), nasty("reaction"), nasty("finding")];
  await gp.page.locator("#allergy").fill(allergy);
  await gp.page.locator("#reaction").fill(reaction);
  await gp.page.locator("button[value=allergy]").click();
  has(await gp.main(), allergy, "the allergy, as text");
  await gp.page.locator("#codeq").fill(finding);
  await gp.page.locator("button[name=step][value=code]").click();
  await gp.page.getByRole("button", { name: /as free text/ }).click();
  has(await gp.text(".dk-codes"), finding, "the finding, as text");
  await gp.press("Sign");
  await gp.page.waitForURL(/\/close/);
  await gp.page.locator("#told").fill(nasty("told"));
  await gp.page.locator("#act-close").getByRole("button", { name: "Close", exact: true }).click();
  await gp.page.locator(".dk-notice").filter({ hasText: "Closed" }).waitFor();
  const compositions = await fhir.search("Composition", { subject: (await fhir.get(`Task/${id}`)).for.reference });
  const composition = compositions.find((c) => JSON.stringify(c).includes(/^plan\d+/.exec(note.plan)[0]));
  ok(composition, "the note is recorded");
  await gp.go(`/desk/${ods}/consult/${composition.id}`);
  for (const part of Object.values(note)) has(await gp.main(), part, "the signed note, as text");
  const person = (await fhir.get(`Task/${id}`)).for.reference.split("/")[1];
  await gp.go(`/desk/${ods}/patient/${person}`);
  await patient.go(`/p/${ods}/of/me/record`);
  has(await patient.main(), allergy, "the patient's record, as text");
  await patient.go(`/p/${ods}/of/me/record/all`);

  // Addresses.
  const q = encodeURIComponent(`"><script>alert(9)</script>`);
  for (const path of [`/desk/${ods}/patients?q=${q}`, `/desk/${ods}/?show=${q}`, `/desk/${ods}/diary?day=${q}`, `/desk/${ods}/request/${id}?done=${q}`,
    `/desk/${ods}/new?patient=${q}`, `/desk/${ods}/patient/${person}?part=${q}&from=${q}`, `/desk/${ods}/request/${q}`]) {
    const answer = await nav.go(path);
    ok(answer.status() < 500, `${path} answered ${answer.status()}`);
  }
  const manager = await t.person();
  await manager.become(by(practice, "manager")[0].name);
  for (const path of [`/manage/${ods}/?day=${q}`, `/manage/${ods}/reconcile?from=${q}&to=${q}`]) ok((await manager.go(path)).status() < 500, path);
  await manager.go(`/manage/${ods}/accounts`);
  const name = nasty("n");
  await manager.fill("Name", name);
  await manager.fill("Work e-mail address", `x${serial}@example.org`);
  await manager.page.getByRole("radio").first().check();
  await manager.press("Invite");
  has(await manager.main(), name.slice(0, 40), "the name of a new colleague, as text");
  const nobody = await t.person();
  await nobody.go(`/sign-in?next=${encodeURIComponent("https://evil.example/")}`);
  same(await nobody.page.locator("input[name=next]").inputValue(), "", "where to go after signing in");
}

async function uploads(t) {
  const { ods, patients } = t.practices[1];
  const p = await t.person({ size: phone });
  await fillIn(p, ods, { kind: "A test result", what: "I would like my result, please." });
  await p.go(`/p/${ods}/ask/photos?change`);
  const refused = async (file, words, what) => {
    await p.go(`/p/${ods}/ask/photos?change`);
    await p.page.getByLabel("Choose a photo or PDF").setInputFiles(file);
    await p.press("Continue");
    await p.page.locator(".nhsuk-error-summary").waitFor({ timeout: 60_000 }).catch(() => {});
    ok(await p.page.locator(".nhsuk-error-summary").count(), `${what} is refused, at ${p.path()}`);
    const said = await p.text(".nhsuk-error-summary");
    has(said, words, what);
    lacks(said, /mime|magic|invalid|internal|bytes/i, `plain words for ${what}`);
    ok(await p.page.locator(".nhsuk-error-message").count(), `${what}: the message stands beside the field`);
  };
  await refused({ name: "photo.png", mimeType: "image/png", buffer: liar }, /photo|picture|file|PDF/i, "a web page called photo.png");
  await p.look("ask photos refused");
  await refused({ name: "photo.jpg", mimeType: "image/jpeg", buffer: Buffer.from("MZ" + "\0".repeat(4000), "latin1") }, /photo|picture|file/i, "a program called photo.jpg");
  await refused({ name: "letter.pdf", mimeType: "application/pdf", buffer: Buffer.from("this is no PDF") }, /PDF|file/i, "words called letter.pdf");
  await refused({ name: "cut.png", mimeType: "image/png", buffer: png().subarray(0, 200) }, /photo|picture|file/i, "half a photo");
  await refused({ name: "drawing.svg", mimeType: "image/svg+xml", buffer: Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>") }, /photo|picture|file|JPG/i, "a drawing with script in it");
  await refused({ name: "huge.png", mimeType: "image/png", buffer: giant() }, /10 MB|too (big|large)/i, "a photo of 11 MB");
  await p.go(`/p/${ods}/ask/check`);
  has(await p.main(), /Photos\s+None/, "nothing that was refused was kept");
  // Good ones are taken, shown, and can be taken away again.
  await p.go(`/p/${ods}/ask/photos?change`);
  await p.page.getByLabel("Choose a photo or PDF").setInputFiles({ name: "good.png", mimeType: "image/png", buffer: png() });
  await p.press("Add another");
  await p.page.locator("img.hw-photo").waitFor();
  ok(await p.page.locator("img.hw-photo").evaluate((i) => i.complete && i.naturalWidth > 0), "the photo is shown");
  await p.look("ask photos added");
  await p.page.getByRole("button", { name: /^Remove/ }).click();
  await p.page.waitForLoadState();
  same(await p.page.locator("img.hw-photo").count(), 0, "photos after taking it away");
  // Six at once are too many.
  await p.page.getByLabel("Choose a photo or PDF").setInputFiles([1, 2, 3, 4, 5, 6].map((n) => ({ name: `${n}.png`, mimeType: "image/png", buffer: png(20, 20) })));
  await p.press("Continue");
  has(await p.text(".nhsuk-error-summary"), "up to 5", "six photos");
  await p.go(`/p/${ods}/ask/photos?change`);
  same(await p.page.locator("img.hw-photo").count(), 5, "photos kept of six");
  await p.page.waitForLoadState(); // pictures included
  for (const i of await p.page.locator("img.hw-photo").all()) ok(await i.evaluate((e) => e.complete && e.naturalWidth > 0), "each photo that was kept is shown");
  // The same holds for a message about a request.
  await p.become(patients[2].name);
  await ask(p, ods, { what: "A lump on my finger, not painful.", how: "A message in my account here" });
  await p.follow(/See your request/);
  await p.fill("Write to us", "Here is the photo.");
  await p.page.getByLabel("Add a photo (if you want to)").setInputFiles({ name: "photo.png", mimeType: "image/png", buffer: liar });
  await p.press("Send message");
  has(await p.text(".nhsuk-error-summary"), /photo|picture|file/i, "a lie with a message");
  same(await p.page.getByLabel("Write to us").inputValue(), "Here is the photo.", "the words that were written are still there");
  await p.look("patient request refused photo");
}

async function lostConnection(t) {
  const { ods, fhir } = t.practices[1];
  const count = async (what) => (await fhir.search("Task", { code: "request" })).filter((x) => x.description === what).length;
  // The answer is lost on its way back.
  const p = await t.person({ size: phone });
  const what = "My finger is numb since I slept on my arm. Number one.";
  await fillIn(p, ods, { what });
  await p.context.route("**/ask/check", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    await route.fetch({ maxRedirects: 0 });
    await route.abort("connectionreset");
  });
  await p.page.getByRole("button", { name: "Send" }).click();
  await until("the request is in the ledger though nobody was told", async () => (await count(what)) === 1);
  await p.context.unroute("**/ask/check");
  p.expect(/ERR_CONNECTION_RESET|chrome-error/);
  const again = await p.context.newPage();
  await again.goto(`${p.origin}/p/${ods}/ask/check`);
  p.page = again;
  if (p.path().endsWith("/check")) await p.press("Send");
  const ref = await receipt(p);
  same((await fhir.requests(ref)).length, 1, "requests with the reference on the receipt");
  same(await count(what), 1, "requests after sending again");

  // The person closes the browser while it is being sent, and comes back.
  const q = await t.person({ size: phone });
  const other = "My toe is numb since I slept on my leg. Number two.";
  await fillIn(q, ods, { what: other });
  const cookies = await q.context.cookies();
  q.page.getByRole("button", { name: "Send" }).click({ noWaitAfter: true }).catch(() => {});
  await new Promise((done) => setTimeout(done, 60));
  await q.leave();
  const r = await t.person({ size: phone });
  await r.context.addCookies(cookies);
  await r.go(`/p/${ods}/ask/check`);
  if (r.path().endsWith("/check")) await r.press("Send");
  await r.page.waitForURL(/\/sent/);
  const second = await receipt(r);
  same((await fhir.request(second)).description, other, "what was asked");
  same(await count(other), 1, "requests after coming back");
  // Many presses at once make one request too.
  const s = await t.person({ size: phone });
  const third = "My ear is itchy after swimming. Number three.";
  await fillIn(s, ods, { what: third });
  const url = `${s.origin}/p/${ods}/ask/check`;
  const told = await Promise.all(Array.from({ length: 8 }, () => s.context.request.post(url, { headers: { Origin: s.origin } }).then((a) => a.text())));
  same(new Set(told.map((x) => /HW-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(x)?.[0])).size, 1, "references after eight presses");
  same(await count(third), 1, "requests after eight presses");
}

export default [
  { group: "hostile", name: "script, HTML and SQL in every field come back as text", walk: everyField },
  { group: "hostile", name: "files that lie about what they are, or are too large, are refused in plain words", walk: uploads },
  { group: "hostile", name: "a lost connection, a closed browser and many presses make one request", walk: lostConnection },
];
