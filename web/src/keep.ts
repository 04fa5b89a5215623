// Keep: what somebody has typed on a step of the form outlives a lost signal.
// It stays in this tab only (session storage goes when the tab is closed), is
// bound to this one form by an id that the page carries, and is cleared when the
// form has been sent, another is begun, or the page is left quickly. The
// server is what keeps a draft; this is for what it has not been sent yet.

const prefix = "hw-keep:";
const most = 20000; // characters of one step

export function keep(): void {
  const id = document.body.dataset["keep"];
  const mine = id ? `${prefix}${id}:${location.pathname}` : "";
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(prefix) && !(id && key.startsWith(`${prefix}${id}:`))) sessionStorage.removeItem(key);
  }
  const form = document.querySelector<HTMLFormElement>("main form[method=post]");
  if (!id || !form) return;
  restore(form, mine);
  form.addEventListener("input", () => {
    const text = JSON.stringify(fields(form));
    if (text.length <= most) sessionStorage.setItem(mine, text);
  });
  form.addEventListener("submit", (e) => send(e, form));
}

// Clears all that is kept, for who leaves the page quickly.
export function forgetKept(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key);
}

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function controls(form: HTMLFormElement): Field[] {
  return [...form.elements].filter(
    (e): e is Field =>
      (e instanceof HTMLInputElement && !["hidden", "file", "password", "submit"].includes(e.type)) ||
      e instanceof HTMLTextAreaElement || e instanceof HTMLSelectElement,
  );
}

function ticks(e: Field): e is HTMLInputElement {
  return e instanceof HTMLInputElement && (e.type === "radio" || e.type === "checkbox");
}

function fields(form: HTMLFormElement): [string, string, boolean][] {
  return controls(form).map((e) => [e.name, e.value, ticks(e) ? e.checked : true]);
}

// What was typed comes back only into what the server has left empty: an
// answer that it has is newer.
function restore(form: HTMLFormElement, key: string): void {
  const text = sessionStorage.getItem(key);
  if (!text) return;
  let had: [string, string, boolean][];
  try {
    had = JSON.parse(text) as [string, string, boolean][];
  } catch {
    sessionStorage.removeItem(key);
    return;
  }
  const now = controls(form);
  for (const [name, value, on] of had) {
    for (const e of now) {
      if (e.name !== name) continue;
      if (ticks(e)) {
        if (e.value === value && on && !now.some((o) => o.name === name && ticks(o) && o.checked && o.type === "radio")) e.checked = true;
      } else if (e.value === "") e.value = value;
    }
  }
}

// Without a connection nothing is sent, and the page says so; when it is back
// the form goes by itself. Sent twice it is one request: the server sees to that.
function send(e: SubmitEvent, form: HTMLFormElement): void {
  if (navigator.onLine) return;
  e.preventDefault();
  e.stopImmediatePropagation();
  const note = document.getElementById("hw-offline");
  if (note) note.hidden = false;
  const by = e.submitter;
  addEventListener("online", () => form.requestSubmit(by instanceof HTMLButtonElement ? by : null), { once: true });
}
