// The telephone of staff: one page, kept open in a tab of its own, that is
// ringing, talking and waiting callers. The server sends the whole of what is
// to be seen whenever it changes; the page draws it and sends back what the
// person does. Sound goes over one WebRTC connection in the telephone's own
// code (A-law), so that nothing is turned into anything else on the way.

interface Person { id: string; name: string; born: string; href: string }
interface Mine {
  id: string; state: "ringing" | "talking" | "held" | "dialling" | "ended"; number: string; out: boolean;
  since: string; waited: number; raised?: string; people: Person[]; patient?: Person;
  muted: boolean; ask: string; loss?: number;
}
interface Row { id: string; number: string; since: string; raised?: string; state: string; back?: boolean }
interface View { ready: boolean; trunk?: string; mine: Mine[]; waiting: Row[]; colleagues: { ref: string; name: string; state: string }[] }
interface Answer { kind: "view" | "voice" | "trouble" | "taken"; view?: View; sdp?: string; text?: string }

const beat = 5000; // milliseconds: who is silent for three of these is not rung
const patience = 8000; // milliseconds for sound to come back before it is connected anew
const again = [500, 1000, 2000, 5000]; // milliseconds before trying to connect again

export function phone(): void {
  const root = document.getElementById("phone");
  if (root?.dataset["line"]) new Phone(root, root.dataset["line"]).start();
}

class Phone {
  private socket?: WebSocket;
  private tries = 0;
  private taken = false; // by another page of the same person
  private view?: View;
  private voice = new Voice((sdp) => this.send({ do: "voice", sdp }), (text) => this.say("sound", text));
  private bell = new Bell();
  private drawn = "";

  constructor(private root: HTMLElement, private line: string) {}

  start(): void {
    this.root.hidden = false;
    this.connect();
    window.setInterval(() => this.send({ do: "beat" }), beat);
    window.setInterval(() => this.tick(), 1000);
    this.on("ready", "click", () => void this.ready());
    this.on("dial", "submit", (e) => {
      e.preventDefault();
      const input = this.root.querySelector<HTMLInputElement>("#number");
      if (input?.value) void this.voice.begin().then((ok) => ok && this.send({ do: "dial", number: input.value }));
    });
    this.on("device", "change", (e) => void this.voice.use((e.target as HTMLSelectElement).value));
    this.root.addEventListener("click", (e) => this.press(e));
    this.root.addEventListener("change", (e) => this.change(e));
    document.addEventListener("keydown", (e) => this.key(e));
    window.addEventListener("beforeunload", (e) => {
      if (this.view?.mine.some((m) => m.state !== "ended")) e.preventDefault();
    });
    window.addEventListener("online", () => this.voice.restart());
  }

  private connect(): void {
    const url = new URL(this.line, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = (this.socket = new WebSocket(url));
    socket.onopen = () => {
      this.tries = 0;
      this.say("line", "Connected");
      if (this.voice.wanted) this.voice.restart();
    };
    socket.onmessage = (e) => this.heard(JSON.parse(String(e.data)) as Answer);
    socket.onclose = () => {
      if (this.taken) return this.say("line", "Not connected");
      this.say("line", "Not connected: trying again");
      window.setTimeout(() => this.connect(), again[Math.min(this.tries++, again.length - 1)]);
    };
  }

  private send(order: Record<string, unknown>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(order));
  }

  private heard(a: Answer): void {
    if (a.kind === "voice" && a.sdp) void this.voice.answered(a.sdp);
    if (a.kind === "taken") this.taken = true;
    if (a.kind === "trouble" || a.kind === "taken") this.say("trouble", a.text ?? "");
    if (a.kind === "view" && a.view) {
      this.view = a.view;
      this.draw(a.view);
    }
  }

  private async ready(): Promise<void> {
    const on = !this.view?.ready;
    if (on && !(await this.voice.begin())) return;
    this.bell.allow();
    this.send({ do: "ready", on });
    await this.devices();
  }

  private async devices(): Promise<void> {
    const select = this.root.querySelector<HTMLSelectElement>('[data-part="device"]');
    if (!select) return;
    const found = (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.kind === "audioinput");
    select.replaceChildren(...found.map((d, i) => new Option(d.label || `Microphone ${i + 1}`, d.deviceId)));
  }

  private press(e: Event): void {
    const b = (e.target as HTMLElement).closest<HTMLElement>("[data-do]");
    if (!b) return;
    const order: Record<string, unknown> = { do: b.dataset["do"], call: b.dataset["call"] };
    if (b.dataset["on"]) order["on"] = b.dataset["on"] === "true";
    if (b.dataset["do"] === "transfer") {
      const to = this.root.querySelector<HTMLSelectElement>(`#to-${b.dataset["call"]}`)?.value;
      if (!to) return;
      order["to"] = to;
    }
    if (order["do"] === "answer" || order["do"] === "back") void this.voice.begin().then((ok) => ok && this.send(order));
    else this.send(order);
  }

  private change(e: Event): void {
    const t = e.target as HTMLInputElement;
    if (t.dataset["who"]) this.send({ do: "who", call: t.dataset["who"], patient: t.value });
  }

  // key: Enter or a answers what rings, h holds, m mutes, x hangs up, r is
  // ready or not. The buttons say the same.
  private key(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test((e.target as HTMLElement).tagName)) return;
    const b = this.root.querySelector<HTMLElement>(`[aria-keyshortcuts="${CSS.escape(e.key.toLowerCase())}"]`);
    if (!b) return;
    e.preventDefault();
    b.click();
  }

  private say(part: string, text: string): void {
    const at = this.part(part);
    if (at && at.textContent !== text) at.textContent = text;
  }

  private part(name: string): HTMLElement | null {
    return this.root.querySelector<HTMLElement>(`[data-part="${name}"]`);
  }

  private on(part: string, event: string, do_: (e: Event) => void): void {
    this.part(part)?.addEventListener(event, do_);
  }

  private draw(v: View): void {
    const ringing = v.mine.filter((m) => m.state === "ringing");
    this.bell.ring(ringing.length > 0);
    const first = ringing[0];
    document.title = first ? `Ringing: ${first.number}` : this.root.dataset["title"] ?? "Phone";
    const ready = this.part("ready");
    if (ready) {
      ready.textContent = v.ready ? "Stop taking calls" : "Take calls";
      ready.setAttribute("aria-pressed", String(v.ready));
    }
    this.say("state", v.trunk ? v.trunk : v.ready ? "You are taking calls" : "You are not taking calls");
    this.say("ringing", first ? `Call from ${first.number}${first.raised ? ": " + first.raised : ""}` : "");
    this.calls(v);
    this.rows(v.waiting);
    this.part("colleagues")?.replaceChildren(...v.colleagues.map((c) => el("li", {}, `${c.name}: ${c.state}`)));
    this.tick();
  }

  // calls draws the person's own calls where anything but their quality is new.
  private calls(v: View): void {
    const shape = JSON.stringify([v.mine.map((m) => ({ ...m, loss: 0 })), v.colleagues]);
    for (const m of v.mine) {
      const q = this.root.querySelector<HTMLElement>(`#quality-${m.id}`);
      if (q) q.textContent = quality(m.loss);
    }
    if (shape === this.drawn) return;
    this.drawn = shape;
    const focus = document.activeElement?.id;
    this.part("mine")?.replaceChildren(...v.mine.map((m) => card(m, v)));
    if (focus) document.getElementById(focus)?.focus();
  }

  private rows(rows: Row[]): void {
    this.say("count", String(rows.length));
    const body = this.part("waiting");
    body?.replaceChildren(
      ...rows.map((r, i) =>
        el("tr", {},
          el("td", { class: "dk-num" }, String(i + 1)),
          el("td", {}, r.number, r.raised ? el("strong", { class: "nhsuk-tag nhsuk-tag--red ph-tag" }, r.raised) : ""),
          el("td", { "data-since": r.since }, ""),
          el("td", {}, r.state),
          el("td", {}, r.back
            ? button("back", r.id, "Call", { class: small + " nhsuk-button--secondary", "aria-label": `Call ${r.number} back` })
            : button("answer", r.id, "Take", { class: small + " nhsuk-button--secondary", "aria-label": `Take the call from ${r.number}` })),
        ),
      ),
    );
    const none = this.part("none");
    if (none) none.hidden = rows.length > 0;
    const table = body?.closest("table");
    if (table) table.hidden = rows.length === 0;
  }

  private tick(): void {
    for (const e of this.root.querySelectorAll<HTMLElement>("[data-since]")) {
      const s = Math.max(0, Math.floor((Date.now() - Date.parse(e.dataset["since"] ?? "")) / 1000));
      e.textContent = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
    }
  }
}

const small = "nhsuk-button nhsuk-button--small";
const states: Record<Mine["state"], string> = { ringing: "Ringing", talking: "Talking", held: "On hold", dialling: "Calling", ended: "Ended: say how it went" };

function card(m: Mine, v: View): HTMLElement {
  const out = el("section", { class: `dk-panel ph-call ph-call--${m.state}`, "aria-label": `Call ${m.out ? "to" : "from"} ${m.number}` });
  out.append(
    el("h2", { class: "dk-panel__title" }, m.number, m.raised ? el("strong", { class: "nhsuk-tag nhsuk-tag--red ph-tag" }, m.raised) : ""),
    el("p", { class: "dk-facts" },
      el("strong", {}, states[m.state]),
      m.state === "ended" ? "" : el("span", { "data-since": m.since }, ""),
      m.waited > 0 ? el("span", { class: "dk-quiet" }, `waited ${Math.floor(m.waited / 60)} min ${m.waited % 60} s`) : "",
      el("span", { id: `quality-${m.id}`, class: "dk-quiet" }, quality(m.loss)),
    ),
    buttons(m, v),
    who(m),
  );
  if (m.state !== "ringing") {
    out.append(
      el("p", {}, el("a", { class: "nhsuk-button nhsuk-button--small", href: m.ask, target: "heartwood" }, "Make a request of this call")),
    );
  }
  return out;
}

function buttons(m: Mine, v: View): HTMLElement {
  const row = el("div", { class: "ph-buttons" });
  const add = (do_: string, text: string, key: string, more: Record<string, string> = {}): void => {
    const b = button(do_, m.id, text, { class: `${small} nhsuk-button--secondary`, ...more });
    if (key) {
      b.setAttribute("aria-keyshortcuts", key);
      b.append(el("kbd", {}, key === "enter" ? "Enter" : key));
    }
    row.append(b);
  };
  if (m.state === "ringing") {
    add("answer", "Answer", "enter", { class: small });
    add("decline", "Not now", "d");
    return row;
  }
  if (m.state === "ended") {
    add("finish", "Done", "f", { class: small });
    return row;
  }
  if (m.state !== "dialling") {
    add("hold", m.state === "held" ? "Take off hold" : "Hold", "h", { "data-on": String(m.state !== "held") });
    add("mute", m.muted ? "Unmute" : "Mute", "m", { "data-on": String(!m.muted) });
    const to = el("select", { class: "nhsuk-select", id: `to-${m.id}`, "aria-label": "Who to put them through to" },
      ...v.colleagues.map((c) => el("option", { value: c.ref }, `${c.name} (${c.state})`)));
    if (v.colleagues.length > 0) {
      row.append(to);
      add("transfer", "Put through", "");
    }
  }
  add("hang", "Hang up", "x", { class: `${small} nhsuk-button--warning` });
  return row;
}

// who shows who it may be. A number is nobody's proof: a person says who it
// is, and until then the call is nobody's.
function who(m: Mine): HTMLElement {
  if (m.patient) {
    return el("p", {}, el("a", { href: m.patient.href, target: "heartwood" }, m.patient.name), ` ${m.patient.born}`);
  }
  if (m.people.length === 0) return el("p", { class: "dk-quiet" }, "No patient has this number.");
  return el("fieldset", { class: "nhsuk-fieldset" },
    el("legend", { class: "nhsuk-fieldset__legend" }, "Who is it? Ask for their name and date of birth"),
    ...m.people.map((p) =>
      el("p", { class: "ph-who" }, el("input", { type: "radio", name: `who-${m.id}`, id: `who-${m.id}-${p.id}`, value: p.id, "data-who": m.id }),
        el("label", { for: `who-${m.id}-${p.id}` }, ` ${p.name}, ${p.born}`))));
}

// quality is the part of the sound that is lost, in words.
function quality(loss?: number): string {
  if (loss === undefined) return "";
  if (loss < 0.01) return "Sound: good";
  return loss < 0.05 ? "Sound: fair" : "Sound: poor";
}

function button(do_: string, call: string, text: string, more: Record<string, string>): HTMLElement {
  return el("button", { type: "button", "data-do": do_, "data-call": call, ...more }, text);
}

function el(tag: string, attributes: Record<string, string>, ...content: (Node | string)[]): HTMLElement {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  e.append(...content);
  return e;
}

// Voice is the sound: one connection for all calls of this person.
class Voice {
  wanted = false;
  private peer?: RTCPeerConnection;
  private mike?: MediaStream;
  private ear = new Audio();

  constructor(private offer: (sdp: string) => void, private say: (text: string) => void) {
    this.ear.autoplay = true;
  }

  // begin asks for the microphone and connects; false when it cannot.
  async begin(): Promise<boolean> {
    if (this.wanted && this.mike) return true;
    try {
      this.mike = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
    } catch {
      this.say("We cannot hear your microphone. Allow this site to use it, and check that it is plugged in.");
      return false;
    }
    this.wanted = true;
    await this.connect();
    return true;
  }

  async use(device: string): Promise<void> {
    const fresh = await navigator.mediaDevices.getUserMedia({ audio: { deviceId: { exact: device } } });
    for (const t of this.mike?.getTracks() ?? []) t.stop();
    this.mike = fresh;
    await this.peer?.getSenders()[0]?.replaceTrack(fresh.getAudioTracks()[0] ?? null);
  }

  // restart finds a new way for the same sound after the network changed; where
  // that does not work within a while, everything is connected anew.
  restart(): void {
    if (!this.wanted) return;
    const peer = this.peer;
    if (!peer || peer.signalingState === "closed") return void this.connect();
    peer.restartIce();
    void this.propose(peer);
    window.setTimeout(() => {
      if (this.peer === peer && peer.connectionState !== "connected") void this.connect();
    }, patience);
  }

  private async connect(): Promise<void> {
    this.peer?.close();
    const peer = (this.peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" }));
    for (const t of this.mike?.getAudioTracks() ?? []) peer.addTrack(t, this.mike as MediaStream);
    peer.ontrack = (e) => {
      this.ear.srcObject = e.streams[0] ?? new MediaStream([e.track]);
      void this.ear.play().catch(() => this.say("Press a button so that this page may play sound."));
    };
    peer.onconnectionstatechange = () => {
      if (this.peer !== peer) return;
      const state = peer.connectionState;
      this.say(state === "connected" ? "Sound is connected" : state === "failed" ? "Sound is cut off: trying again" : "Connecting the sound");
      if (state === "failed" || state === "disconnected") this.restart();
    };
    await this.propose(peer);
  }

  private async propose(peer: RTCPeerConnection): Promise<void> {
    if (peer.signalingState === "have-local-offer") await peer.setLocalDescription({ type: "rollback" });
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer);
    if (this.peer === peer && peer.localDescription) this.offer(peer.localDescription.sdp);
  }

  async answered(sdp: string): Promise<void> {
    if (this.peer?.signalingState === "have-local-offer") await this.peer.setRemoteDescription({ type: "answer", sdp });
  }
}

// gathered waits until the browser knows its own addresses, two seconds at most.
function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((done) => {
    window.setTimeout(done, 2000);
    peer.addEventListener("icegatheringstatechange", () => peer.iceGatheringState === "complete" && done());
  });
}

// Bell is two soft tones, again and again, while a call rings.
class Bell {
  private sound?: AudioContext;
  private timer = 0;

  allow(): void {
    this.sound ??= new AudioContext();
    void this.sound.resume();
  }

  ring(on: boolean): void {
    if (on === this.timer > 0) return;
    window.clearInterval(this.timer);
    this.timer = 0;
    if (!on) return;
    this.once();
    this.timer = window.setInterval(() => this.once(), 3000);
  }

  private once(): void {
    const s = this.sound;
    if (!s) return;
    for (const [at, hertz] of [[0, 440], [0.4, 550]] as const) {
      const tone = new OscillatorNode(s, { frequency: hertz });
      const loud = new GainNode(s, { gain: 0.12 });
      tone.connect(loud).connect(s.destination);
      tone.start(s.currentTime + at);
      tone.stop(s.currentTime + at + 0.3);
    }
  }
}
