// The one script of every page. Pages work without it; it adds the NHS
// frontend's behaviour and live updates.
import { initAll } from "nhsuk-frontend";
import { desk } from "./desk.js";
import { keep } from "./keep.js";
import { leave } from "./leave.js";
import { live } from "./live.js";
import { passkeys } from "./passkey.js";
import { phone } from "./phone.js";
import { photos } from "./photos.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
initAll();
leave();
keep();
live();
desk();
photos();
passkeys();
phone();
