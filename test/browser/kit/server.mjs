// Servers under test: the demonstration, and an installation as a practice
// would make it. Each has a data folder of its own, which goes at the end.
import { spawn, execFile } from "node:child_process";
import { createServer } from "node:net";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
export const binary = process.env.HEARTWOOD ?? join(root, "bin/heartwood");

/** Runs a chore of the binary and gives what it printed. */
export function chore(...args) {
  return new Promise((done) => {
    execFile(binary, args, { timeout: 60_000 }, (error, stdout, stderr) => done({ status: error ? (error.code ?? 1) : 0, stdout, stderr }));
  });
}

/** A port that is free now. */
export function freePort() {
  return new Promise((done, fail) => {
    const s = createServer();
    s.on("error", fail);
    s.listen(0, "127.0.0.1", () => {
      const { port } = s.address();
      s.close(() => done(port));
    });
  });
}

/** Starts the binary and waits for its line `ready http://…`. */
export async function start(args, data) {
  const child = spawn(binary, [...args, "--data", data], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stderr.on("data", (b) => (err += b));
  const origin = await new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error("not ready within 90 seconds\n" + err)), 90_000);
    child.once("exit", (code) => fail(new Error(`ended with status ${code} before it was ready\n${err}`)));
    child.stdout.on("data", (b) => {
      out += b;
      const m = /^ready (http\S+)$/m.exec(out);
      if (m) {
        clearTimeout(late);
        done(m[1]);
      }
    });
  });
  return {
    origin,
    data,
    printed: () => out,
    log: () => err,
    async stop() {
      if (child.exitCode === null) {
        const gone = new Promise((done) => child.once("exit", done));
        child.removeAllListeners("exit").once("exit", () => {});
        child.kill("SIGTERM");
        const hard = setTimeout(() => child.kill("SIGKILL"), 10_000);
        await Promise.race([gone, new Promise((done) => child.once("exit", done))]);
        clearTimeout(hard);
      }
    },
  };
}

/** Starts a demonstration and reads its table of people and tokens. */
export async function startDemo(patients) {
  const data = await mkdtemp(join(tmpdir(), "heartwood-browser-"));
  const server = await start(["demo", "--listen", "127.0.0.1:0", "--patients", String(patients)], data);
  for (let i = 0; i < 100 && (server.printed().match(/^FHIR .*\n/gm) ?? []).length < 3; i++) {
    await new Promise((done) => setTimeout(done, 50));
  }
  const practices = readTable(server.printed());
  const commissioner = /^ +(\S.*?) {2,}commissioner$/m.exec(server.printed())?.[1];
  if (practices.length !== 3) throw new Error("the demonstration's table cannot be read:\n" + server.printed());
  const sip = /^SIP (\S+)/m.exec(server.printed())?.[1];
  return { ...server, practices, commissioner, sip, outbox: () => outbox(data), remove: () => rm(data, { recursive: true, force: true }) };
}

/** A folder that is removed again. */
export async function folder() {
  const data = await mkdtemp(join(tmpdir(), "heartwood-browser-"));
  return { data, remove: () => rm(data, { recursive: true, force: true }) };
}

function readTable(text) {
  const practices = [];
  let practice;
  for (const line of text.split("\n")) {
    let m;
    if ((m = /^([A-Z]\d{5}) {2,}(.+?)(?:, telephone ([\d ]+))?$/.exec(line))) {
      practice = { ods: m[1], name: m[2].trim(), telephone: m[3], staff: [], patients: [] };
      practices.push(practice);
    } else if (/^QZ9/.test(line)) {
      practice = { staff: [], patients: [] };
    } else if (practice && (m = /^ {4,}(\S.*?) {2,}patient: (.+)$/.exec(line))) {
      practice.patients.push({ name: m[1], why: m[2] });
    } else if (practice && (m = /^ {4,}(\S.*?) {2,}(\w+)(?: \((.+)\))?$/.exec(line))) {
      practice.staff.push({ name: m[1], role: m[2], job: m[3] });
    } else if ((m = /^FHIR (\S+\/fhir\/(\S+)) +Bearer (\S+)$/.exec(line))) {
      const p = practices.find((one) => one.ods === m[2]);
      if (p) Object.assign(p, { fhir: new Fhir(m[1], m[3]) });
    }
  }
  return practices.filter((p) => p.fhir);
}

/** E-mails that have been written to the outbox, newest last. */
async function outbox(data) {
  const dir = join(data, "outbox");
  const names = await readdir(dir).catch(() => []);
  const mails = [];
  for (const name of names.filter((n) => n.endsWith(".eml")).sort()) mails.push(await readFile(join(dir, name), "utf8"));
  return mails;
}

/** What was recorded, read through the FHIR API. */
export class Fhir {
  constructor(base, token) {
    this.base = base;
    this.token = token;
  }

  async get(path) {
    const answer = await fetch(`${this.base}/${path}`, { headers: { Authorization: `Bearer ${this.token}`, Accept: "application/fhir+json" } });
    const body = await answer.json();
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${JSON.stringify(body.issue ?? body).slice(0, 300)}`);
    return body;
  }

  /** All matches of a search, page after page. */
  async search(type, params = {}) {
    const query = new URLSearchParams({ _count: "200", ...params });
    const found = [];
    for (let path = `${type}?${query}`; path; ) {
      const bundle = await this.get(path);
      for (const e of bundle.entry ?? []) if (e.search?.mode !== "include") found.push(e.resource);
      const next = bundle.link?.find((l) => l.relation === "next")?.url;
      path = next ? next.slice(next.indexOf(type)) : "";
    }
    return found;
  }

  /** The Tasks with this reference: one, or something is wrong. */
  async requests(reference) {
    const all = await this.search("Task", { "group-identifier": reference });
    return all.filter((t) => t.groupIdentifier?.value === reference && t.code?.coding?.some((c) => c.code === "request"));
  }

  /** The only request with this reference. */
  async request(reference) {
    const all = await this.requests(reference);
    if (all.length !== 1) throw new Error(`${all.length} requests have the reference ${reference}, not 1`);
    return all[0];
  }
}

/** The answer to a question of a QuestionnaireResponse. */
export function answer(response, linkId) {
  const every = (items) => (items ?? []).flatMap((i) => [i, ...every(i.item)]); // pages are groups
  const item = every(response.item).find((i) => i.linkId === linkId);
  const a = item?.answer?.[0];
  return a && Object.entries(a).find(([k]) => k.startsWith("value"))?.[1];
}
