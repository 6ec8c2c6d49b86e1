// A scanner is a keyboard that types fast and ends with Enter or Tab. Wherever the focus is, what it types goes to the
// box and is looked up: its last key presses no button. Typing by hand is left alone.
const form = document.querySelector("[data-scan]");
const box = form?.querySelector("input[name=q]");
const FAST_MS = 50;
const LEAST = 8;
let scanned = "";
let last = 0;
if (box) {
  const first = document.querySelector("[data-first]");
  if (box.autofocus) (first ?? box).focus();
  if (document.activeElement === box) box.select();
  document.addEventListener("keydown", (event) => {
    const isFast = event.timeStamp - last < FAST_MS;
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      scanned = (isFast ? scanned : "") + event.key;
      last = event.timeStamp;
    } else if ((event.key === "Enter" || event.key === "Tab") && isFast && scanned.length >= LEAST) {
      event.preventDefault();
      box.value = scanned;
      scanned = "";
      form.requestSubmit();
    }
  }, true);
}
// Printing takes a script; without one it is in the browser's menu.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => { window.print(); box?.focus(); });
}
