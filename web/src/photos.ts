// Photos: says before sending when a chosen file is larger than the server
// takes, so that nobody on a slow connection uploads in vain. The server
// checks again.

export function photos(): void {
  for (const input of document.querySelectorAll<HTMLInputElement>("input[type=file][data-limit]")) {
    const limit = Number(input.dataset["limit"]);
    const note = document.createElement("p");
    note.className = "nhsuk-hint";
    note.setAttribute("role", "status");
    input.after(note);
    input.addEventListener("change", () => {
      const large = [...(input.files ?? [])].some((f) => f.size > limit);
      note.textContent = large ? `This photo is too big. The most we can take is ${Math.floor(limit / 1048576)} MB.` : "";
    });
  }
}
