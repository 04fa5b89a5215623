// Never lost: many requests at once by keyboard and back again, one put aside,
// the alarms, and what the manager sets and counts.
import { has, ok, until } from "../kit/check.mjs";
import { one } from "../kit/staff.mjs";

async function many(t) {
  const practice = t.practices[1];
  const { ods } = practice;
  const p = await t.person();
  await p.become(one(practice, "navigator").name);
  await p.go(`/desk/${ods}/`);
  // One that somebody else changes meanwhile is let go of: the next is taken.
  await until("two are selected", async () => {
    for (const key of ["j", "x"]) await p.page.keyboard.press(key);
    return (await p.page.locator("#bulk-count").innerText()).includes("2");
  });
  await p.look("queue with rows selected");
  await p.page.getByText("Assign", { exact: true }).first().click();
  await p.page.locator("#bulk-owner").selectOption({ index: 1 });
  await p.page.getByRole("button", { name: "Assign them" }).click();
  await p.page.waitForURL(/\/bulk\//);
  has(await p.main(), "2 requests", "what was done");
  await p.look("many at once");
  await p.page.keyboard.press("z");
  await p.page.getByText("Taken back").first().waitFor();
  await p.look("many at once taken back");

  await p.go(`/desk/${ods}/alarms`);
  await p.look("alarms");
  await p.go(`/desk/${ods}/`);
  await p.page.keyboard.press("g");
  await p.page.waitForURL(/\/request\//);
  await p.page.keyboard.press("z");
  ok(await p.page.locator("#act-snooze[open]").count(), "z opens putting aside");
  await p.look("put aside");
}

async function manager(t) {
  const practice = t.practices[1];
  const p = await t.person();
  await p.become(one(practice, "manager").name);
  for (const path of ["alarms", "channels"]) {
    await p.go(`/manage/${practice.ods}/${path}`);
    await p.look(`settings ${path}`);
  }
  await p.page.locator("select[name=channel]").selectOption("web");
  await p.page.getByRole("button", { name: "Close it", exact: true }).click();
  has(await p.main(), "Say in a few words why it is closed", "closing needs a reason");
  await p.look("closing refused");
  await p.go(`/manage/${practice.ods}/reconcile`);
  has(await p.main(), "It adds up", "the count");
  await p.look("reconciliation");
}

export default [
  { group: "ledger", name: "many requests at once, by keyboard, and taken back", walk: many },
  { group: "ledger", name: "a manager sets alarms and ways in, and counts", walk: manager },
];
