// What a test says when something is not so.
export class Wrong extends Error {}

export function ok(it, what) {
  if (!it) throw new Wrong(what);
}

export function same(got, want, what) {
  if (got !== want) throw new Wrong(`${what}: ${JSON.stringify(got)}, not ${JSON.stringify(want)}`);
}

export function has(text, part, what) {
  const found = part instanceof RegExp ? part.test(text) : text.includes(part);
  if (!found) throw new Wrong(`${what}: ${part} is not in “${text.replace(/\s+/g, " ").slice(0, 600)}”`);
}

export function lacks(text, part, what) {
  const found = part instanceof RegExp ? part.test(text) : text.includes(part);
  if (found) throw new Wrong(`${what}: ${part} should not be in it`);
}

/** Waits until something is so. */
export async function until(what, question, ms = 60_000) {
  const end = Date.now() + ms;
  let last;
  for (;;) {
    try {
      const it = await question();
      if (it) return it;
      last = undefined;
    } catch (e) {
      last = e;
    }
    if (Date.now() > end) throw new Wrong(`waited ${ms / 1000} s: ${what}${last ? ` (${last.message})` : ""}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}
