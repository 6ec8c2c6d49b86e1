// The kiosk: keys on the screen for who has no keyboard, and back to the start when no one touches it, so that the next
// person finds nothing of the one before. Without it the field, the links and the buttons do the same. Its worker shows the
// kiosk's own page while there is no connection; where browsers have none, kioskalone.js does what can be done.
const kiosk = document.querySelector("[data-home]"), field = document.querySelector("[data-typed]");
const isOffline = () => document.querySelector("[data-again]");
let leaving;

function stay() {
  clearTimeout(leaving);
  leaving = setTimeout(() => {
    const isAtStart = location.pathname === kiosk.dataset.home && !field?.value && !isOffline();
    if (!isAtStart) globalThis.leaveKiosk(() => location.replace(kiosk.dataset.home), kiosk.dataset.home);
    stay();
  }, Number(kiosk.dataset.seconds) * 1000);
}

for (const event of ["pointerdown", "keydown", "input"]) document.addEventListener(event, stay);
addEventListener("pageshow", (event) => { if (event.persisted) location.replace(kiosk.dataset.home); });
stay();

for (const pad of document.querySelectorAll("[data-keys]")) {
  for (const key of [...pad.dataset.keys, "⌫"]) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: key });
    if (key === "⌫") button.setAttribute("aria-label", pad.dataset.erase);
    button.addEventListener("click", () => {
      field.value = key === "⌫" ? field.value.slice(0, -1) : (field.value + key).slice(0, field.maxLength);
    });
    pad.append(button);
  }
  pad.hidden = false;
}

// A click anywhere but on a control leaves the field ready for the scanner, which types and presses Enter.
document.addEventListener("click", (event) => { if (field && !event.target.closest("a, button, label, input")) field.focus(); });

const slip = document.querySelector("[data-print]");
slip?.addEventListener("click", () => print());
if (slip) slip.hidden = false;

for (const prefix of ["", "/en"]) {
  navigator.serviceWorker?.register(kiosk.dataset.worker, { scope: `${prefix}/ventanilla/quiosco` }).catch(() => {});
}
