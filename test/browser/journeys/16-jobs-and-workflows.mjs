// Jobs and workflows: a job is made, given to another, done and opened again;
// a manager writes a workflow, the desk begins it for a patient and does its
// steps by keyboard until the case is finished; what is overdue is flagged.
import { phone } from "../kit/browser.mjs";
import { has, lacks, ok, same, until } from "../kit/check.mjs";
import { one, take } from "../kit/staff.mjs";

const practiceOf = (t) => t.practices[1] ?? t.practices[0];

/** The id of a patient whom somebody of the desk looks up. */
async function find(desk, { ods }, name) {
  await desk.go(`/desk/${ods}/patients?q=${encodeURIComponent(name)}`);
  return (await desk.page.locator('main a[href*="/patient/"]').first().getAttribute("href")).split("/patient/")[1].split(/[/?]/)[0];
}

/** The form of a page that has this button. */
const formWith = (p, button) => p.page.locator("form").filter({ has: p.page.getByRole("button", { name: button, exact: true }) });

async function aJob(t) {
  const practice = practiceOf(t);
  const { ods } = practice;
  const desk = await t.person();
  await desk.become(one(practice, "navigator").name);
  const id = await find(desk, practice, practice.patients[0].name);
  await desk.go(`/desk/${ods}/jobs/new?patient=${id}`);
  await desk.look("new job");
  await desk.press("Give the job");
  has(await desk.main(), "Write what is to be done", "a job needs words");
  await desk.fill("What is to be done", "Ring the hospital about the scan");
  await desk.page.getByLabel("By", { exact: true }).fill("2020-01-31");
  await desk.press("Give the job");
  await desk.page.waitForURL(/done=job/);

  await desk.go(`/desk/${ods}/jobs?show=late`);
  await desk.look("jobs overdue");
  await desk.follow("Ring the hospital about the scan");
  has(await desk.main(), "Overdue", "a job past its day is flagged");
  await desk.look("job");

  // A second page of the same job is out of date once the first has saved.
  const other = await t.person();
  await other.become(one(practice, "clinician").name);
  await other.go(desk.path());
  const owner = desk.page.getByLabel("Who does it");
  await owner.focus();
  await owner.selectOption({ label: (await owner.locator("option", { hasText: "Admin team" }).first().innerText()).trim() });
  await desk.page.getByLabel("By", { exact: true }).fill("2031-01-31");
  await desk.page.getByRole("button", { name: "Save", exact: true }).press("Enter");
  await desk.page.waitForURL(/done=job-amend/);
  has(await desk.main(), /for Admin team/, "who has it now");
  lacks(await desk.main(), "Overdue", "a later day");
  await other.fill("What was done", "They will send it");
  await other.press("Done");
  has(await other.main(), "Somebody changed this job", "an old page overwrites nothing");
  has(await other.page.getByLabel("What was done").inputValue(), "They will send it", "what was typed stays");

  await desk.fill("What was done", "They will send it on Monday");
  await desk.page.getByLabel("What was done").press("Enter");
  await desk.page.waitForURL(/done=done/);
  await desk.go(`/desk/${ods}/jobs?show=done`);
  await desk.follow("Ring the hospital about the scan");
  has(await desk.main(), "They will send it on Monday", "what was done");
  await desk.fill("Why it is taken up again", "It did not come");
  await desk.press("Open it again");
  await desk.page.waitForURL(/job-reopen/);
  await desk.fill("Why it need not be done", "They moved away");
  await desk.press("Cancel the job");
  await desk.page.waitForURL(/job-cancel/);
  has(await desk.main(), "Job opened again: It did not come", "what was decided is kept");
  await desk.look("job that was cancelled");
}

/** A manager writes a workflow of two steps; the second waits for the first. */
async function write(t, practice) {
  const boss = await t.person();
  await boss.become(one(practice, "manager").name);
  await boss.go(`/manage/${practice.ods}/workflows`);
  await boss.look("workflows");
  await boss.follow("New workflow");
  await boss.fill("Name, for staff", "Private letter");
  await boss.press("Save");
  has(await boss.main(), "Say what the step is called", "a step needs a name");
  await boss.press("Add a step");
  for (const [i, title] of [[0, "Write the letter"], [1, "Take the fee"]]) {
    await boss.page.locator(`[name=s${i}-title]`).fill(title);
    await boss.page.locator(`[name=s${i}-owner]`).selectOption({ label: "Admin team" });
  }
  await boss.look("workflow being written");
  await boss.press("Save");
  await boss.page.waitForURL(/done=saved/);
  has(await boss.main(), /Private letter 2 steps, begun by hand/, "the list");
  return boss;
}

async function aCase(t) {
  const practice = practiceOf(t);
  const { ods } = practice;
  await write(t, practice);
  const desk = await t.person({ size: phone });
  await desk.become(one(practice, "navigator").name);
  await desk.go(`/desk/${ods}/cases`);
  has(await desk.main(), "Overdue", "a case with an overdue step");
  await desk.look("cases");
  const id = await find(desk, practice, practice.patients[1].name);
  await desk.go(`/desk/${ods}/cases?patient=${id}`);
  await desk.page.getByLabel("Which").selectOption({ label: "Private letter" });
  await desk.page.getByRole("button", { name: "Begin", exact: true }).press("Enter");
  await desk.page.waitForURL(/cases\/case-/);
  const theCase = desk.path();
  has(await desk.main(), /Take the fee Not begun/, "the second step waits");
  await desk.look("case");
  for (const step of ["Write the letter", "Take the fee"]) {
    await desk.go(theCase);
    await desk.page.getByRole("link", { name: step }).press("Enter");
    await desk.page.waitForURL(/jobs\/step-/);
    await formWith(desk, "Done").getByLabel("What was done").fill(`${step}: yes`);
    await desk.page.getByLabel("What was done").press("Enter");
    await desk.page.waitForURL(/done=done/);
  }
  await desk.go(theCase);
  has(await desk.main(), /Finished/, "the case has come to its end");
  has(await desk.main(), /Done: Take the fee: yes/, "what was done");
  lacks(await desk.main(), "Cancel the workflow", "nothing is left to cancel");
  await desk.look("case that is finished");
}

/** A workflow is changed, its earlier version looked at and had again. */
async function versions(t) {
  const practice = practiceOf(t);
  const boss = await t.person();
  await boss.become(one(practice, "manager").name);
  await boss.go(`/manage/${practice.ods}/workflows`);
  await boss.follow("New patient");
  await boss.page.locator("[name=s1-days]").fill("7");
  await boss.press("Save");
  await boss.page.waitForURL(/done=saved/);
  await boss.follow("New patient");
  await boss.page.getByText("What it changed").click();
  has(await boss.main(), "“Check the repeat medicines”: may take 5 working days before, now 7 working days", "the difference");
  await boss.look("workflow with versions");
  await boss.follow(/Put it into the form/);
  has(await boss.main(), "This is version 1, as it was", "which version it is");
  await boss.press("Save");
  await boss.page.waitForURL(/done=saved/);
  has(await boss.main(), "Version 3", "it is a new version");
}

/** A workflow is begun from a request; each leads to the other. */
async function fromRequest(t) {
  const practice = practiceOf(t);
  const { ods, fhir } = practice;
  const desk = await t.person({ size: phone });
  await desk.become(one(practice, "navigator").name);
  const ref = await take(desk, practice, practice.patients[2], "admin", "A letter for the landlord.");
  const task = await until("the request is in the ledger", () => fhir.request(ref));
  await desk.go(`/desk/${ods}/request/${task.id}/begin`);
  await desk.page.locator("#begin-workflow").selectOption({ label: "New patient" });
  await desk.page.locator("#act-begin").getByRole("button", { name: "Begin", exact: true }).press("Enter");
  await desk.page.waitForURL(/cases\/case-/);
  has(await desk.main(), "The workflow has begun", "it has begun");
  await desk.follow("The request");
  has(await desk.main(), /gave a job to Admin team/, "the job is in the request's story");
  await desk.look("request with a workflow");
  await desk.follow("this workflow");
  await desk.follow("Ask for the old records");
  await desk.follow("The workflow that it is a step of");
  has(await desk.main(), "Check the repeat medicines", "back at the case");
}

/** The manager's report of jobs and cases, and its files. */
async function report(t) {
  const practice = practiceOf(t);
  const boss = await t.person({ size: phone });
  await boss.become(one(practice, "manager").name);
  await boss.go(`/manage/${practice.ods}/reports`);
  await boss.follow("Jobs and workflows");
  await boss.look("report jobs and workflows");
  has(await boss.main(), /New patient: Ask for the old records/, "the steps of the workflow");
  await boss.page.locator("#period").selectOption("quarter");
  await boss.press("Show");
  const [, done] = /Cases done\s+(\d+)/.exec(await boss.main()) ?? [];
  ok(Number(done) >= 2, `cases done in twelve weeks: ${done}`);
  const file = await boss.page.request.get(`/manage/${practice.ods}/jobs/cases-workflows.csv?period=quarter`);
  has(await file.text(), "Workflow,Begun,Done,Cancelled", "the file's first line");
  const desk = await t.person();
  await desk.become(one(practice, "navigator").name);
  const refused = await desk.page.request.get(`/manage/${practice.ods}/jobs`);
  same(refused.status(), 403, "the desk does not see the manager's report");
}

export default [
  { group: "jobs", name: "a job is made, given to another, done, opened again, cancelled", walk: aJob },
  { group: "jobs", name: "a manager writes a workflow, the desk takes a case to its end", walk: aCase },
  { group: "jobs", name: "a workflow is begun from a request", walk: fromRequest },
  { group: "jobs", name: "a manager sees an earlier version of a workflow and has it again", walk: versions },
  { group: "jobs", name: "a manager sees how jobs and workflows go", walk: report },
];
