// The desk by keyboard. Everything here is also a link or a button: without
// script the pages work the same, a little slower.
//
//   j k      the next and the previous row      /   find a patient
//   Enter    opens the row (it is a link)       n   new request
//   x        selects the row            g   takes the next that nobody has open
//   u a r o t c e z s m x   the forms of a request
//
// Keys are what the page names with data-key, so the page is the list.

export function desk(): void {
  for (const e of document.querySelectorAll<HTMLElement>("[data-script-only]")) e.hidden = false;
  document.addEventListener("keydown", keys);
  announce();
  alarm();
  templates();
  codes();
  drafts();
  parts();
  picks();
  document.querySelector<HTMLElement>(".nhsuk-error-summary, .dk-notice--problem")?.focus();
}

function typing(e: Event): boolean {
  const t = e.target as HTMLElement;
  return t.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(t.tagName);
}

function keys(e: KeyboardEvent): void {
  if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return;
  if (e.key === "Escape" && typing(e)) {
    (e.target as HTMLElement).blur();
    return;
  }
  if (typing(e)) return;
  if (e.key === "j" || e.key === "k") {
    if (step(e.key === "j" ? 1 : -1)) e.preventDefault();
    return;
  }
  if (e.key === "x") {
    const pick = document.activeElement?.closest("[data-row]")?.querySelector<HTMLInputElement>('input[name="pick"]');
    if (pick) {
      pick.click();
      e.preventDefault();
      return;
    }
  }
  const to = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(e.key)}"]`);
  if (!to) return;
  e.preventDefault();
  if (to instanceof HTMLInputElement) {
    to.focus();
    to.select();
    return;
  }
  const form = to.closest("details");
  if (to.tagName === "SUMMARY" && form) {
    form.open = true;
    const first = form.querySelector<HTMLElement>("textarea, select, input:not([type=hidden]):checked, input:not([type=hidden])");
    (first ?? to).focus();
    form.scrollIntoView({ block: "nearest" });
    return;
  }
  to.click();
}

// step moves the focus from row to row.
function step(by: number): boolean {
  const links = [...document.querySelectorAll<HTMLElement>("[data-row] .dk-row-link")];
  if (links.length === 0) return false;
  const here = document.activeElement?.closest("[data-row]");
  const at = links.findIndex((l) => l.closest("[data-row]") === here);
  const to = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by))];
  to?.focus();
  to?.closest("[data-row]")?.scrollIntoView({ block: "nearest" });
  return true;
}

// announce says politely what a live queue gained, and never more often than
// every few seconds.
function announce(): void {
  const queue = document.getElementById("queue");
  const said = document.getElementById("queue-said");
  if (!queue || !said) return;
  const rows = (): string[] => [...queue.querySelectorAll("[data-row]")].map((r) => r.id);
  let known = new Set(rows());
  let timer = 0;
  new MutationObserver(() => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      const now = rows();
      const fresh = now.filter((id) => !known.has(id)).length;
      known = new Set(now);
      if (fresh > 0) said.textContent = fresh === 1 ? "1 new request in the queue" : `${fresh} new requests in the queue`;
    }, 1500);
  }).observe(queue, { childList: true });
}

// alarm says at once when more people are left waiting than before; the
// minutes that pass are not said again and again.
function alarm(): void {
  const queue = document.getElementById("queue");
  const said = document.getElementById("queue-alarm");
  if (!queue || !said) return;
  let known = 0;
  const look = (): void => {
    const shown = queue.querySelector<HTMLElement>("[data-alarm]");
    const count = Number(shown?.dataset["alarm"] ?? 0);
    if (count > known) said.textContent = shown?.querySelector("strong")?.textContent ?? "";
    if (count === 0) said.textContent = "";
    known = count;
  };
  new MutationObserver(look).observe(queue, { childList: true });
  window.setTimeout(look, 500); // once the page has been read out
}

// templates: choosing one writes it into the message, below what is there.
function templates(): void {
  for (const select of document.querySelectorAll<HTMLSelectElement>("select[data-fill]")) {
    const target = document.getElementById(select.dataset["fill"] ?? "");
    if (!(target instanceof HTMLTextAreaElement)) continue;
    select.addEventListener("change", () => {
      const body = select.selectedOptions[0]?.dataset["body"];
      if (!body) return;
      target.value = target.value.trim() ? target.value.trimEnd() + "\n\n" + body : body;
      target.rows = Math.max(target.rows, target.value.split("\n").length + 1);
      target.focus();
      const blank = target.value.search(/\{[a-z]/);
      if (blank >= 0) target.setSelectionRange(blank, target.value.indexOf("}", blank) + 1);
    });
  }
}

// picks says how many rows are selected, also when a live queue has changed.
function picks(): void {
  const said = document.getElementById("bulk-count");
  const queue = document.getElementById("queue");
  if (!said || !queue) return;
  const count = (): void => {
    const n = queue.querySelectorAll('input[name="pick"]:checked').length;
    said.textContent = n === 0 ? "none" : String(n);
  };
  queue.addEventListener("change", count);
  new MutationObserver(count).observe(queue, { childList: true });
  count();
}

// codes offers terms while somebody types.
function codes(): void {
  for (const input of document.querySelectorAll<HTMLInputElement>("input[data-codes]")) {
    const list = input.list;
    if (!list) continue;
    let timer = 0;
    input.addEventListener("input", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(async () => {
        const q = input.value.trim();
        if (q.length < 2) return;
        const answer = await fetch(`${input.dataset["codes"]}?q=${encodeURIComponent(q)}`, { credentials: "same-origin" });
        if (!answer.ok || input.value.trim() !== q) return;
        const terms = (await answer.json()) as string[];
        list.replaceChildren(
          ...terms.map((t) => {
            const o = document.createElement("option");
            o.value = t;
            return o;
          }),
        );
      }, 150);
    });
  }
}

// parts: what is only wanted inside a form is fetched when the form is opened.
function parts(): void {
  for (const form of document.querySelectorAll("details")) {
    form.addEventListener("toggle", async () => {
      const part = form.querySelector<HTMLElement>("[data-load]");
      const from = part?.dataset["load"];
      if (!form.open || !part || !from) return;
      const answer = await fetch(from, { headers: { "Heartwood-Part": part.id }, credentials: "same-origin" });
      if (!answer.ok) return; // the link inside still leads there
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
      if (fresh) part.replaceWith(fresh);
    });
  }
}

const quiet = 2000; // milliseconds without a key before a draft is kept

// drafts keeps a note while it is written.
function drafts(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-draft]");
  const said = document.getElementById("draft-state");
  if (!form || !said || form.querySelector('[name="amending"]')) return;
  let timer = 0;
  let sending = false;
  let leaving = false;
  const field = (name: string): HTMLInputElement | null => form.querySelector(`input[name="${name}"]`);
  const keep = async (): Promise<void> => {
    if (sending || leaving) return;
    sending = true;
    try {
      const body = new URLSearchParams();
      for (const [k, v] of new FormData(form)) if (typeof v === "string") body.append(k, v);
      body.set("step", "autosave");
      const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
      const kept = (await answer.json()) as Record<string, string>;
      said.textContent = kept["said"] ?? "";
      if (!answer.ok) return;
      for (const name of ["composition", "version", "key"]) {
        const f = field(name);
        if (f && kept[name]) f.value = kept[name];
      }
    } catch {
      said.textContent = "Not saved: no connection. What you typed is still here.";
    } finally {
      sending = false;
    }
  };
  form.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void keep(), quiet);
  });
  form.addEventListener("submit", (e) => {
    window.clearTimeout(timer);
    if (sending) {
      // The answer on its way carries the version that the next save needs.
      e.preventDefault();
      const submitter = e.submitter;
      window.setTimeout(() => form.requestSubmit(submitter), 50);
      return;
    }
    leaving = true;
  });
}
