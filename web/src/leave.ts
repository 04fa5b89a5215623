// Leave: the quick way out of a page, for who is watched. Without script it is
// a link. With it, pressing Shift three times does the same, the page is blank
// at once, what was kept in the tab is gone, and the back button does not lead
// here again.
import { forgetKept } from "./keep.js";

const within = 5000; // ms for the three presses

export function leave(): void {
  const link = document.querySelector<HTMLAnchorElement>("a[data-leave]");
  if (!link) return;
  const go = (e?: Event): void => {
    e?.preventDefault();
    document.title = "";
    document.body.hidden = true;
    forgetKept();
    location.replace(link.href);
  };
  link.addEventListener("click", go);
  let presses: number[] = [];
  document.addEventListener("keyup", (e) => {
    if (e.key !== "Shift") {
      presses = [];
      return;
    }
    presses = [...presses.filter((t) => e.timeStamp - t < within), e.timeStamp];
    if (presses.length >= 3) go();
  });
}
