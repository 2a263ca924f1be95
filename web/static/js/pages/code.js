/** The access code page: a code that came in the address's fragment, as from a QR code, is entered by itself. */

import { codeIn } from "../invitation.js";

enter();
// A link that is followed on this very page does not load it again.
addEventListener("hashchange", enter);

function enter() {
  const code = codeIn(location.hash);
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  const field = document.querySelector("#code");
  if (code && field instanceof HTMLInputElement && field.form) {
    field.value = code;
    field.form.requestSubmit();
  }
}
