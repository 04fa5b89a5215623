// Who works at a practice of the demonstration, and what every journey of
// theirs begins with.
import { reference } from "./ask.mjs";

/** The members of a practice's staff with a role. */
export const by = (practice, role) => practice.staff.filter((s) => s.role === role);

/** The first member of a practice's staff with a role. */
export const one = (practice, role) => practice.staff.find((s) => s.role === role);

/** A navigator writes a request down for somebody on the phone. */
export async function take(n, practice, patient, kind, what) {
  await n.go(`/desk/${practice.ods}/new`);
  await n.page.locator("#who").fill(patient.name);
  await n.page.locator("#who").press("Enter");
  const radio = n.page.getByRole("radio", { name: new RegExp(patient.name) });
  if (await radio.count()) await radio.first().check();
  await n.page.locator("#kind").selectOption({ value: kind });
  await n.page.locator("#what").fill(what);
  await n.page.locator("#contact-how").selectOption("phone");
  await n.page.locator("#contact-number").fill("01632 960 321");
  await n.page.locator("button[value=save]").click();
  await n.page.getByText("Recorded as").waitFor();
  return reference.exec(await n.main())[0];
}
