// Asking for help: without an account and without script, in an emergency,
// signed in, and for a child.
import { ask, fillIn, receipt, reference } from "../kit/ask.mjs";
import { phone } from "../kit/browser.mjs";
import { has, lacks, ok, same, until } from "../kit/check.mjs";
import { png } from "../kit/files.mjs";
import { answer } from "../kit/server.mjs";

async function withoutScript(t) {
  const { ods, fhir } = t.practices[1];
  const p = await t.person({ script: false, size: phone });
  await p.go(`/p/${ods}/`);
  await p.follow("Ask for help");
  const what = "A red and itchy rash on my left arm. It has been growing since Tuesday.";
  await fillIn(p, ods, { what, family: "Rashford-Test", photos: [{ name: "arm.png", mimeType: "image/png", buffer: png() }], not: "Not before 10am" });
  const check = await p.main();
  for (const part of [what, "Rashford-Test", "14 March 1984", "arm", "A bit of a problem", "Not before 10am"]) has(check, part, "the answers to check");

  // Sent twice in one breath, then again by going back: one receipt.
  const send = p.origin + `/p/${ods}/ask/check`;
  await p.page.getByRole("button", { name: "Send" }).dblclick();
  await p.page.waitForURL(/\/ask\/sent/);
  const told = await p.main();
  has(told, "We have your request", "the receipt");
  has(told, reference, "the receipt");
  has(told, "What happens next", "the receipt");
  has(told, /\b\d{1,2}(:\d\d)?\s?[ap]m\b|midday/i, "the receipt says by when");
  const ref = await receipt(p);
  await p.page.goBack();
  await p.go(`/p/${ods}/ask/check`);
  same(await receipt(p), ref, "the receipt after going back");
  const again = await p.context.request.post(send, { headers: { Origin: p.origin } });
  same(reference.exec(await again.text())?.[0], ref, "the receipt after sending again");

  const task = await until("the request is in the ledger", () => fhir.request(ref));
  same(task.status, "requested", "status of the Task");
  same(task.priority, "routine", "priority of the Task");
  ok(task.restriction?.period?.end, "the Task says by when it is to be answered");
  const qr = await fhir.get(task.focus.reference);
  same(qr.resourceType, "QuestionnaireResponse", "focus of the Task");
  same(answer(qr, "what"), what, "what was asked");
  same(answer(qr, "family"), "Rashford-Test", "who asked");
  const photos = await fhir.search("DocumentReference", { related: `Task/${task.id}` });
  same(photos.length, 1, "photos kept with the request");
  const binary = photos[0].content[0].attachment;
  ok(/^image\/(png|jpeg)$/.test(binary.contentType), `the photo is a picture, not ${binary.contentType}`);
}

async function everyPageOfTheForm(t) {
  const { ods } = t.practices[1];
  const p = await t.person();
  await p.go("/");
  await p.look("landing");
  await p.go(`/p/${ods}/`);
  await p.look("patient front");
  await ask(p, ods, { photos: [{ name: "arm.png", mimeType: "image/png", buffer: png() }] }, "ask");
  await p.go(`/p/${ods}/ask`);
  await p.press("Start now");
  for (const step of ["who", "you", "kind", "what", "how-long", "how-bad", "drinking", "heat", "alert", "change", "tried", "hope", "photos", "contact"]) {
    // Nothing is filled in: each page says what is missing, beside it and above.
    same(new URL(p.page.url()).pathname, `/p/${ods}/ask/${step}`, "the step of the form");
    if (!["tried", "hope", "photos"].includes(step)) {
      await p.page.waitForLoadState(); // all() does not wait for what is still to come
      if (step === "contact") for (const b of await p.page.getByRole("radio").all()) await b.evaluate((e) => (e.checked = false));
      await p.press("Continue");
      has(await p.text(".nhsuk-error-summary"), "There is a problem", `an empty ${step}`);
      ok(await p.page.locator(".nhsuk-error-message").count(), `an empty ${step} has a message beside the field`);
      has(await p.page.title(), /^Error: /, `the title of an empty ${step}`);
      await p.look(`ask ${step} empty`);
      // The link in the summary leads to the field.
      await p.page.locator(".nhsuk-error-summary a").first().click();
      ok(await p.page.evaluate(() => ["INPUT", "TEXTAREA", "SELECT"].includes(document.activeElement.tagName)), `the error of ${step} leads to its field`);
    }
    if (step === "who") await p.pick("Someone else");
    if (step === "you") {
      await p.fill("Your own name", "Bea Testerly");
      await p.fill("Who you are to them", "Mother");
      await p.fill("Their first name", "Ada");
      await p.fill("Their last name", "Testerly");
      await p.fill("Day", "31");
      await p.fill("Month", "2");
      await p.fill("Year", "2015");
      await p.fill("Phone number we can call", "12");
      await p.fill("NHS number (if you know it)", "999 999 9998");
      await p.press("Continue");
      const said = await p.text(".nhsuk-error-summary");
      has(said, /date/i, "a date that does not exist");
      has(said, /phone/i, "a phone number of two digits");
      has(said, /NHS number/i, "an NHS number that cannot be");
      await p.fill("Day", "3");
      await p.fill("Phone number we can call", "01632 960 124");
      await p.fill("NHS number (if you know it)", "");
    }
    if (step === "kind") await p.pick("A new health problem");
    if (step === "what") await p.page.locator("textarea").fill("She has a cold and wants to know about school.");
    if (step === "heat") await p.pick("No");
    if (["how-long", "how-bad", "drinking", "alert", "change"].includes(step)) await p.page.getByRole("radio").first().check();
    if (step === "contact") await p.pick("Phone call");
    await p.press("Continue");
  }
  // Change an answer from the list of answers, and come straight back to it.
  await p.page.getByRole("link", { name: "Change What is wrong with the child?" }).click();
  await p.page.locator("textarea").fill("She has a cold. May she go to school?");
  await p.press("Continue");
  has(await p.main(), "May she go to school?", "the answers after a change");
  has(p.path(), "/ask/check", "the page after a change");
}

async function emergency(t) {
  const { ods, fhir } = t.practices[1];
  const p = await t.person({ script: false, size: phone });
  await fillIn(p, ods, { what: "I have crushing chest pain spreading to my arm and I am sweating." });
  // At once, before the form is done.
  has(p.path(), "/ask/sent", "the page after the words");
  const told = await p.main();
  ok(told.search(/call 999/i) >= 0 && told.search(/call 999/i) < told.search(reference), "999 comes first");
  await p.look("ask emergency");
  const ref = await receipt(p);
  const task = await until("the request is in the ledger", () => fhir.request(ref));
  ok(["stat", "asap"].includes(task.priority), `priority was raised, not ${task.priority}`);
  const issues = await until("a red flag is recorded", async () => {
    const all = await fhir.search("DetectedIssue", { implicated: `Task/${task.id}` });
    return all.length > 0 && all;
  });
  ok(issues.some((i) => i.severity === "high"), "a red flag of high severity");
}

async function signedIn(t) {
  const { ods, fhir, patients } = t.practices[1];
  const p = await t.person({ size: phone });
  await p.become(patients[2].name);
  has(p.path(), `/p/${ods}/`, "where a patient arrives");
  await p.look("patient home");
  const what = "My knee is swollen after a fall on the stairs.";
  const ref = await ask(p, ods, { what, how: "A message in my account here" }, "ask signed in");
  const task = await until("the request is in the ledger", () => fhir.request(ref));
  has(task.for?.reference ?? "", "Patient/", "the Task is for a patient");
  await p.follow(/See your request/);
  has(await p.main(), what, "the patient's own request");
  has(await p.main(), ref, "the patient's own request");
  await p.look("patient request");
  await p.go(`/p/${ods}/of/me/requests`);
  has(await p.main(), ref.slice(0, 2), "my requests");
  has(await p.page.locator("main").innerText(), what, "my requests");
  await p.look("patient requests");
}

async function proxy(t) {
  const { ods, fhir, patients } = t.practices[1];
  const p = await t.person({ size: phone });
  await p.become(patients[0].name);
  await p.go(`/p/${ods}/ask`);
  await p.page.getByRole("button", { name: /^Start/ }).click();
  await p.page.waitForURL(/ask\/who/);
  await p.look("ask who proxy");
  const choices = await p.page.getByRole("radio").count();
  ok(choices >= 2, "a parent can choose a child");
  const child = (await p.page.locator("label.nhsuk-radios__label").filter({ hasNotText: /^\s*Me\b/ }).first().innerText()).trim();
  await p.pick(child);
  await p.press("Continue");
  const what = "My child has had earache since last night.";
  // The form goes on as for anybody.
  for (let i = 0; i < 20 && !p.path().endsWith("/check"); i++) {
    const step = new URL(p.page.url()).pathname.split("/").pop();
    await p.page.waitForLoadState(); // the whole page, not its head alone
    has(await p.text(), `You are acting for ${child}`, `the page says for whom it is (${step})`);
    if (step === "kind") await p.pick("A new health problem");
    if (step === "what") await p.page.locator("textarea").fill(what);
    if (step === "heat") await p.pick("No");
    if (["how-long", "how-bad", "drinking", "alert", "change"].includes(step)) await p.page.getByRole("radio").first().check();
    if (step === "contact") await p.pick("A message in my account here");
    await p.press("Continue");
  }
  has(await p.main(), child, "the answers name the child");
  await p.press("Send");
  const ref = await receipt(p);
  const task = await until("the request is in the ledger", () => fhir.request(ref));
  const about = await fhir.get(task.for.reference);
  same(`${about.name[0].given[0]} ${about.name[0].family}`, child, "whom the Task is for");
  const qr = await fhir.get(task.focus.reference);
  ok(qr.source && qr.source.reference !== task.for.reference, `the parent is the source of what was written, not ${JSON.stringify(qr.source)}`);
  await p.go(`/p/${ods}/people`);
  has(await p.main(), child, "people you help");
  await p.look("people you help");
}

async function otherKinds(t) {
  const { ods, fhir } = t.practices[1];
  for (const kind of ["A question about a medicine", "A repeat prescription", "A test result", "A fit note (sick note)", "A letter, form or something else"]) {
    const p = await t.person({ script: false, size: phone });
    const ref = await ask(p, ods, { kind, what: `About: ${kind}. It is not urgent.` });
    const task = await until("the request is in the ledger", () => fhir.request(ref));
    const qr = await fhir.get(task.focus.reference);
    lacks(JSON.stringify(qr), '"how-bad"', `how bad is not asked about ${kind}`);
    await p.leave();
  }
}

export default [
  { group: "ask", name: "a patient without an account asks for help, at phone width without script", walk: withoutScript },
  { group: "ask", name: "every page of the form says what is missing, and can be gone back to", walk: everyPageOfTheForm },
  { group: "ask", name: "an emergency is told at once, and the request is kept", walk: emergency },
  { group: "ask", name: "a patient who is signed in asks, and finds it in their requests", walk: signedIn },
  { group: "ask", name: "a parent asks for a child", walk: proxy },
  { group: "ask", name: "medicines, results, fit notes and letters can be asked about", walk: otherKinds },
];
