// The telephone: somebody calls the practice from the telephone network, hears
// the menu, presses 1 and waits; a navigator's browser rings, they answer by
// keyboard, put the caller on hold and hang up; the record has every step.
import { existsSync } from "node:fs";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { has, ok, same } from "../kit/check.mjs";
import { one } from "../kit/staff.mjs";

const scenario = fileURLToPath(new URL("../kit/caller.xml", import.meta.url));
const sipp = ["/usr/bin/sipp", "/usr/local/bin/sipp"].find(existsSync);

/** Somebody who calls a practice from +447700900123. */
function caller(t, number) {
  const child = spawn(sipp, [t.demo.sip, "-sf", scenario, "-s", "+44" + number.replace(/\D/g, "").slice(1), "-m", "1", "-i", "127.0.0.1", "-mp", String(50000 + 2 * Math.floor(Math.random() * 4000)), "-nostdin"], { stdio: "ignore" });
  return { ended: new Promise((done) => child.once("exit", done)), stop: () => child.kill() };
}

/** The practice is open, whatever the hour at which this runs. */
async function alwaysOpen({ fhir }) {
  const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
  const hours = { resourceType: "HealthcareService", id: "opening-hours", availableTime: [{ daysOfWeek: days, allDay: true }], availabilityExceptions: "Open on bank holidays" };
  const answer = await fetch(`${fhir.base}/HealthcareService/opening-hours`, {
    method: "PUT", body: JSON.stringify(hours), headers: { authorization: `Bearer ${fhir.token}`, "content-type": "application/fhir+json" },
  });
  ok(answer.ok, `the practice is open: ${answer.status}`);
}

async function aCall(t) {
  const practice = t.practices[0];
  await alwaysOpen(practice);
  const n = await t.person();
  await n.become(one(practice, "navigator").name);
  await n.go(`/desk/${practice.ods}/phone`);
  await n.look("phone");
  await n.page.getByRole("button", { name: "Take calls" }).click();
  await n.page.getByText("Sound is connected").waitFor();

  const c = caller(t, practice.telephone);
  try {
    await n.page.locator(".ph-call--ringing").waitFor();
    has(await n.main(), "07700 900123", "whose number it is");
    await n.page.keyboard.press("Enter");
    await n.page.locator(".ph-call--talking").waitFor();
    await n.look("phone, talking");
    await n.page.keyboard.press("h");
    await n.page.locator(".ph-call--held").waitFor();
    await n.page.keyboard.press("h");
    await n.page.locator(".ph-call--talking").waitFor();
    await n.page.keyboard.press("x");
    await n.page.locator(".ph-call--ended").waitFor();
    same(await c.ended, 0, "the caller's telephone was hung up as it should be");
  } finally {
    c.stop();
  }
  await n.page.keyboard.press("f");
  await n.page.locator(".ph-call").waitFor({ state: "detached" });

  // The telephone is where it was opened last, and stays there.
  const other = await n.context.newPage();
  await other.goto(`/desk/${practice.ods}/phone`);
  await n.page.getByText("You have opened the telephone on another page.").waitFor();
  await n.page.getByText("Not connected", { exact: true }).waitFor();

  const [call] = await practice.fhir.search("Communication", { category: "call" });
  ok(call, "the call is in the record");
  same(call.status, "completed", "it was answered");
  const steps = call.extension[0].extension.filter((e) => e.url === "step").map((e) => e.extension.find((x) => x.url === "what").valueString);
  for (const step of ["arrived", "chose", "queued", "offered", "picked", "held", "resumed", "ended"]) ok(steps.includes(step), `the step ${step} is in the record: ${steps}`);
}

const tests = [{ name: "a call: menu, queue, answered in a browser, on hold, hung up", group: "last, the phone", walk: aCall }];
if (!sipp) console.log("The telephone is not tested: SIPp is missing (sudo apt-get install sip-tester).");
export default sipp || process.env.NO_SKIP ? tests : [];
