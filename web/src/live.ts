// Live regions: <div id="queue" data-live="/live/V81999/queue"> is fetched
// again from the page's own address whenever the stream at data-live says that
// something changed. What the person is doing (focus, selection, an open
// form) is left alone: an element that has focus inside is refreshed only once
// the focus has left, unless the focused element is still there afterwards.

const settle = 250; // milliseconds: changes come in bursts

export function live(): void {
  for (const region of document.querySelectorAll<HTMLElement>("[data-live]")) {
    follow(region);
  }
}

function follow(region: HTMLElement): void {
  const stream = region.dataset["live"];
  if (!stream || !region.id) return;
  let timer = 0;
  let busy = false;
  let again = false;

  const refresh = async (): Promise<void> => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      await swap(region);
    } finally {
      busy = false;
      if (again) {
        again = false;
        later();
      }
    }
  };
  const later = (): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void refresh(), settle);
  };

  const source = new EventSource(stream);
  source.onopen = () => state(region, "live");
  source.onerror = () => state(region, "waiting");
  source.onmessage = later;
  source.addEventListener("change", later);
  // What changed between the page's making and the stream's opening, or while
  // the stream was away, was told to nobody.
  source.addEventListener("hello", later);
  window.addEventListener("pagehide", () => source.close());
  // What is shown of time passing grows old without any change.
  const tick = Number(region.dataset["tick"] ?? 0);
  if (tick > 0) window.setInterval(() => void (document.hidden || later()), tick * 1000);
}

function state(region: HTMLElement, now: "live" | "waiting"): void {
  region.dataset["state"] = now;
  const sign = document.querySelector<HTMLElement>(`[data-live-state="${region.id}"]`);
  if (sign) {
    sign.hidden = false;
    sign.textContent = now === "live" ? "Live" : "Not live: reconnecting";
  }
}

async function swap(region: HTMLElement): Promise<void> {
  const answer = await fetch(location.href, {
    headers: { "Heartwood-Part": region.id, "Heartwood-Seen": region.dataset["seen"] ?? "" },
    credentials: "same-origin",
  });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(region.id);
  if (!fresh) return;
  const note = document.querySelector<HTMLElement>(`[data-live-note="${region.id}"]`);
  if (note && fresh.dataset["note"]) note.textContent = fresh.dataset["note"];
  if (fresh.innerHTML === region.innerHTML) return;
  if (region.querySelector("textarea:focus, select:focus, input:not([type=checkbox]):focus")) return; // somebody is typing
  // What was selected stays selected while it is what was seen: the value
  // holds the version, and a row that has changed is selected anew by hand.
  for (const was of region.querySelectorAll<HTMLInputElement>("input[type=checkbox]:checked")) {
    const now = fresh.querySelector<HTMLInputElement>("#" + CSS.escape(was.id));
    if (now && now.value === was.value) now.checked = true;
  }
  const focused = region.contains(document.activeElement) ? key(document.activeElement) : "";
  region.replaceChildren(...fresh.childNodes);
  if (focused) region.querySelector<HTMLElement>(focused)?.focus({ preventScroll: true });
}

// key is a selector that finds the same link or field in the fresh region.
function key(e: Element | null): string {
  if (!e) return "";
  if (e.id) return "#" + CSS.escape(e.id);
  const href = e.getAttribute("href");
  return href ? `[href="${CSS.escape(href)}"]` : "";
}
