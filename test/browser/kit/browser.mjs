// One browser for all tests; each test has contexts of its own. Whatever a
// page does that it should not (an error in the console, a dialog, something
// that the content security policy stops, an answer of 500) fails the test.
import { chromium } from "playwright-core";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { root } from "./server.mjs";
import { Wrong } from "./check.mjs";

// Where Chromium may be. The one without a window comes first: it is the same
// browser and does what the tests ask for with half the work.
const places = [process.env.CHROMIUM, "/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/snap/bin/chromium"];

export function findChromium() {
  return places.find((p) => p && existsSync(p));
}

export const wide = { width: 1280, height: 900 };
export const phone = { width: 375, height: 740 };
const grace = 50; // milliseconds in which a press has asked for its page
const out = join(root, "test/browser/out");
const painted = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";
const rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"];

export class Browser {
  static async open(pictures) {
    const b = new Browser();
    b.pictures = pictures;
    b.chromium = await chromium.launch({
      executablePath: findChromium(),
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--lang=en-GB",
        // A microphone that beeps, and pages that may play sound.
        "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required"],
      env: { ...process.env, LANGUAGE: "en_GB" }, // how its date fields look
    });
    b.axe = await readFile(join(root, "node_modules/axe-core/axe.min.js"), "utf8");
    b.looked = new Map(); // what has been looked at → where
    await mkdir(out, { recursive: true });
    return b;
  }

  close() {
    return this.chromium.close();
  }
}

/** A browser of one person in one test. */
export class Person {
  static async arrive(test, browser, origin, options = {}) {
    const p = new Person();
    Object.assign(p, { test, browser, origin, wrong: [], expected: [], leaving: new Set(), script: options.script !== false, size: options.size ?? wide });
    p.context = await browser.chromium.newContext({
      baseURL: origin, viewport: p.size, javaScriptEnabled: p.script, locale: "en-GB", timezoneId: "Europe/London", reducedMotion: "reduce",
    });
    p.context.setDefaultTimeout(60_000);
    p.context.on("page", (page) => p.watch(page));
    p.context.on("dialog", (d) => {
      p.wrong.push(`a dialog opened: ${d.message()}`);
      void d.dismiss();
    });
    p.page = await p.context.newPage();
    return p;
  }

  watch(page) {
    page.on("request", (r) => r.isNavigationRequest() && this.leaving.add(page));
    page.on("requestfailed", (r) => r.isNavigationRequest() && this.leaving.delete(page));
    page.on("download", () => this.leaving.delete(page));
    page.on("domcontentloaded", () => this.leaving.delete(page));
    page.on("pageerror", (e) => this.wrong.push(`an error in a script at ${page.url()}: ${e.message}`));
    page.on("console", (m) => {
      if (m.type() !== "error" && m.type() !== "warning") return;
      // That a page answered 404 or 422 is for the test to judge.
      if (/^Failed to load resource/.test(m.text()) && m.location().url === page.url()) return;
      this.wrong.push(`the console says at ${page.url()}: ${m.text()} (${m.location().url})`);
    });
    page.on("response", (r) => {
      if (r.status() >= 500) this.wrong.push(`${r.request().method()} ${r.url()} answered ${r.status()}`);
    });
  }

  /** Says that this is to be expected on a page of this person. */
  expect(pattern) {
    this.expected.push(pattern);
  }

  /** Fails when a page did something that it should not. */
  settle() {
    const wrong = this.wrong.filter((w) => !this.expected.some((e) => e.test(w)));
    if (wrong.length > 0) throw new Wrong([...new Set(wrong)].join("\n"));
  }

  async go(path) {
    return this.page.goto(path.startsWith("http") ? path : this.origin + path);
  }

  path() {
    const u = new URL(this.page.url());
    return u.pathname + u.search;
  }

  /** Waits for the page that the last press asked for, if it asked for one. */
  async arrived() {
    await pause(grace);
    for (let i = 0; i < 400 && this.leaving.has(this.page); i++) await pause(grace);
  }

  /** What the person can read. */
  async text(within = "body") {
    await this.page.waitForLoadState("domcontentloaded");
    return this.page.locator(within).first().innerText();
  }

  main() {
    return this.text("main");
  }

  /** Signs in with one click, as the demonstration offers. */
  async become(name, next = "") {
    await this.go("/demo" + (next ? `?next=${encodeURIComponent(next)}` : ""));
    await this.page.getByRole("button", { name: `Sign in as ${name}`, exact: true }).click();
    await this.page.waitForURL((u) => u.pathname !== "/demo");
  }

  async press(name) {
    await this.page.getByRole("button", { name, exact: true }).click();
    await this.arrived();
  }

  async follow(name) {
    await this.page.getByRole("link", { name, exact: typeof name === "string" }).first().click();
    await this.arrived();
  }

  async fill(label, value) {
    await this.page.getByLabel(label, { exact: true }).fill(value);
  }

  async pick(label) {
    await this.page.getByLabel(label, { exact: true }).check();
  }

  /**
   * Looks at the page: runs axe at both widths, once for each name, and keeps
   * pictures where they are wanted. Faults are collected and fail the test at
   * its end, so that one run tells them all.
   */
  async look(name) {
    if (this.browser.looked.has(name)) return;
    this.browser.looked.set(name, this.path());
    if (!this.script) {
      // axe is a script itself: it judges the same page, as it was answered, in
      // a browser that has one.
      const twin = await Person.arrive(this.test, this.browser, this.origin);
      await twin.context.addCookies(await this.context.cookies());
      const [url, body] = [this.page.url(), await this.page.content()];
      await twin.page.route(url, (r) => (r.request().isNavigationRequest() ? r.fulfill({ contentType: "text/html; charset=utf-8", body }) : r.continue()));
      await twin.go(url);
      this.browser.looked.delete(name);
      await twin.look(name);
      this.wrong.push(...twin.wrong);
      return twin.leave();
    }
    await this.page.evaluate(this.browser.axe);
    for (const size of [wide, phone]) {
      await this.page.setViewportSize(size);
      await this.page.evaluate(painted);
      if (this.browser.pictures) await this.page.screenshot({ path: join(out, `${name.replace(/[^\w.-]+/g, "_")}-${size.width}.png`), fullPage: true });
      const spills = await this.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
      if (spills > 1) this.wrong.push(`${name} at ${size.width}: the page is ${spills} pixels wider than the screen`);
      for (const fault of await this.judge()) this.wrong.push(`axe: ${name} at ${size.width} (${this.path()}): ${fault}`);
    }
    await this.page.setViewportSize(this.size);
  }

  /**
   * What axe finds. To say where a fault is costs axe as much as to find it, so
   * it is asked only when there is one.
   */
  async judge() {
    const found = await this.violations(false);
    const placed = found.length > 0 ? await this.violations(true) : [];
    const all = placed.length < found.length ? found : placed;
    return all.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 4).map((n) => `${n.target?.join(" ") ?? ""} ${n.html.slice(0, 160)} [${n.any.concat(n.all, n.none).map((c) => c.message).join("; ").slice(0, 200)}]`).join(" | ")}`);
  }

  violations(selectors) {
    const options = { runOnly: rules, resultTypes: ["violations"], selectors };
    return this.page.evaluate(`axe.run(document, ${JSON.stringify(options)}).then((r) => r.violations)`);
  }

  leave() {
    return this.context.close();
  }
}
