// Every page that a link leads to, for each sort of person, three links deep:
// it answers, its script does nothing wrong, and axe finds nothing at either
// width. Pages that differ only in whose they are count as one.
import { ok } from "../kit/check.mjs";
import { one } from "../kit/staff.mjs";

const depth = 3;
const most = 60; // pages for one person
const notPages = /\/(assets|live)\/|\.(ics|csv)$|\/photo\/|\/leave$/; // /leave goes to a site outside

/** What sort of page an address is. */
function sort(href) {
  const u = new URL(href);
  const path = u.pathname
    .replace(/\/(p|desk|manage|live|board)\/[A-Z]\d{5}\b/, "/$1/:ods")
    .replace(/\/(request|patient|consult|requests|appointments|accounts)\/[A-Za-z0-9.-]{6,}/, "/$1/:id")
    .replace(/\/of\/[A-Za-z0-9.-]{6,}\//, "/of/:id/");
  const query = [...u.searchParams].map(([k, v]) => (["part", "show", "amend"].includes(k) ? `${k}=${v}` : k)).sort().join("&");
  return path + (query ? `?${query}` : "");
}

async function crawl(t, p, from) {
  const seen = new Set();
  let next = [from];
  let visited = 0;
  for (let d = 0; d <= depth && next.length > 0; d++) {
    const found = [];
    for (const href of next) {
      const kind = sort(href);
      if (seen.has(kind) || visited >= most) continue;
      seen.add(kind);
      visited++;
      const answer = await p.go(href);
      if (!answer || !(answer.headers()["content-type"] ?? "").startsWith("text/html")) continue;
      ok(answer.status() < 400, `${href}, to which a page links, answered ${answer.status()}`);
      await p.look(`page ${sort(p.page.url())}`);
      const links = await p.page.locator("a[href]").evaluateAll((all) => all.map((a) => a.href));
      for (const link of links) {
        const u = new URL(link);
        if (u.origin !== p.origin || notPages.test(u.pathname)) continue;
        u.hash = "";
        if (!seen.has(sort(u.href))) found.push(u.href);
      }
    }
    next = found;
  }
  return seen;
}

const walk = (who) => async (t) => {
  const practice = t.practices[0];
  const p = await t.person();
  let from = p.origin + "/";
  if (who === "patient") await p.become(practice.patients[1].name);
  else if (who === "parent") await p.become(practice.patients[0].name);
  else if (who === "commissioner") await p.become(t.demo.commissioner);
  else if (who !== "nobody") await p.become(one(practice, who).name);
  if (who !== "nobody") from = p.page.url();
  const pages = await crawl(t, p, from);
  if (process.env.PAGES) console.log([...pages].map((x) => `       ${who}: ${x}`).join("\n"));
};

export default ["nobody", "patient", "parent", "navigator", "clinician", "manager", "commissioner"].map((who, i) => ({
  group: `last ${i % 3}`,
  name: `axe finds nothing on any page that ${who === "nobody" ? "anybody" : `a ${who}`} can reach`,
  limit: 600_000,
  walk: walk(who),
}));
