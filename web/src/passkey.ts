// Passkeys: a button asks this server for options, the browser for a passkey,
// and sends what it said back. Without passkeys in the browser the button stays
// hidden and people sign in another way; so it does at a bare network address,
// for which browsers make no passkeys.

const supported =
  !/^[\d.]+$|:/.test(location.hostname) &&
  typeof PublicKeyCredential !== "undefined" &&
  "parseRequestOptionsFromJSON" in PublicKeyCredential &&
  "parseCreationOptionsFromJSON" in PublicKeyCredential;

async function post(path: string, body?: unknown): Promise<any> {
  const r = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? "{}" : JSON.stringify(body),
  });
  const answer = await r.json();
  if (!r.ok) throw new Error(answer.error ?? "Something went wrong. Try again.");
  return answer;
}

async function ceremony(path: string, make: boolean, next: string): Promise<string> {
  const options = (await post(path + "/begin")).publicKey;
  const credential = make
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  if (!(credential instanceof PublicKeyCredential)) throw new Error("No passkey was chosen.");
  const query = next ? "?next=" + encodeURIComponent(next) : "";
  return (await post(path + "/finish" + query, credential.toJSON())).to;
}

function sentence(e: unknown): string {
  if (e instanceof DOMException) return "No passkey was used. You can try again, or sign in another way.";
  return e instanceof Error ? e.message : "Something went wrong. Try again.";
}

export function passkeys(): void {
  if (!supported) return;
  for (const area of document.querySelectorAll<HTMLElement>("[data-passkey]")) {
    const button = area.querySelector<HTMLButtonElement>("button");
    const error = area.querySelector<HTMLElement>("[data-passkey-error]");
    if (!button || !error) continue;
    area.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      error.hidden = true;
      try {
        const to = await ceremony(area.dataset.passkey ?? "", "passkeyMake" in area.dataset, area.dataset.passkeyNext ?? "");
        location.assign(to);
      } catch (e) {
        error.textContent = sentence(e);
        error.hidden = false;
        button.disabled = false;
      }
    });
  }
}
