// Walks the whole journey in a browser, as patient, navigator, clinician and
// manager.
//
//   node test/browser/run.mjs [--only WORDS or GROUP] [--jobs N] [--pictures]
//
// Starts the demonstration of bin/heartwood with a folder of its own, prints
// one line a test, and last a line alone: N passed, N failed. Where a test
// failed, a picture is left in test/browser/out; with --pictures, one of every
// page that was looked at, at both widths. Needs Chromium; without it the tests
// are skipped, unless NO_SKIP is set.
import { readdir } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { binary, startDemo } from "./kit/server.mjs";
import { Browser, findChromium, Person } from "./kit/browser.mjs";
import { Wrong } from "./kit/check.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const limit = 180_000; // milliseconds for one test that has no limit of its own

function argument(name, other) {
  const i = process.argv.indexOf(name);
  return i < 0 ? other : process.argv[i + 1];
}

async function journeys() {
  const all = [];
  for (const name of (await readdir(join(here, "journeys"))).filter((n) => n.endsWith(".mjs")).sort()) {
    const { default: tests } = await import(join(here, "journeys", name));
    all.push(...tests);
  }
  const only = argument("--only", "");
  return only ? all.filter((t) => t.name.includes(only) || t.group === only) : all;
}

function skip(n, why) {
  console.log(why);
  console.log(`0 passed, ${process.env.NO_SKIP ? n : 0} failed, ${process.env.NO_SKIP ? 0 : n} skipped`);
  process.exit(process.env.NO_SKIP ? 1 : 0);
}

/** Runs one test: people come, do things, leave, and what was wrong is told. */
async function run(test, world) {
  const people = [];
  const t = {
    ...world,
    person: async (options = {}) => {
      const p = await Person.arrive(test, world.browser, options.origin ?? world.demo.origin, options);
      people.push(p);
      return p;
    },
  };
  const began = Date.now();
  let wrong;
  let timer;
  try {
    const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new Wrong(`not done after ${(test.limit ?? limit) / 1000} s`)), test.limit ?? limit)));
    await Promise.race([test.walk(t), late]);
  } catch (e) {
    wrong = e;
    const last = people.at(-1)?.page;
    if (last) await last.screenshot({ path: join(here, "out", `FAILED-${test.name.replace(/\W+/g, "_").slice(0, 60)}.png`) }).catch(() => {});
  } finally {
    clearTimeout(timer);
  }
  const faults = wrong ? [wrong instanceof Wrong ? wrong.message : String(wrong.stack ?? wrong)] : [];
  for (const p of people) {
    try {
      p.settle();
    } catch (e) {
      faults.push(e.message);
    }
    if (wrong) faults.push(`(was at ${p.page.url()})`);
    await p.leave().catch(() => {});
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(`${faults.length ? "FAIL" : "ok  "} ${test.name} (${seconds} s)`);
  for (const f of faults) console.log("     " + f.replaceAll("\n", "\n     "));
  return faults.length === 0;
}

async function main() {
  const tests = await journeys();
  if (!findChromium()) {
    skip(tests.length, "The browser tests need Chromium: sudo apt-get install chromium (or set CHROMIUM to where it is).");
  }
  if (!existsSync(binary)) skip(tests.length, `The browser tests need ${binary}: run make build.`);
  const demo = await startDemo(200);
  let passed = 0;
  try {
    const browser = await Browser.open(process.argv.includes("--pictures"));
    const world = { demo, browser, practices: demo.practices };
    // Tests that share a group run one after another, groups side by side;
    // those whose name begins with "last" begin when all others are done.
    const side = Number(argument("--jobs", "2"));
    const all = [...group(tests)];
    for (const phase of [all.filter(([g]) => !g.startsWith("last")), all.filter(([g]) => g.startsWith("last"))]) {
      const worker = async () => {
        for (let g = phase.shift(); g; g = phase.shift()) for (const t of g[1]) if (await run(t, world)) passed++;
      };
      await Promise.all(Array.from({ length: side }, worker));
    }
    await browser.close();
  } finally {
    await demo.stop();
    if (passed < tests.length && demo.log().trim()) console.log("The server's log:\n" + demo.log().trim().split("\n").slice(-40).join("\n"));
    await demo.remove();
  }
  console.log(`${passed} passed, ${tests.length - passed} failed`);
  process.exit(passed === tests.length ? 0 : 1);
}

function group(tests) {
  const m = new Map();
  for (const t of tests) m.set(t.group, [...(m.get(t.group) ?? []), t]);
  return m;
}

await main();
