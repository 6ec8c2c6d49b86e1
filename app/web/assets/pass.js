// The pass of an appointment: saved in this browser by its button, and removed by the other. The portal's worker stores it;
// without one there are no buttons, and the page says what to do instead.
const box = document.querySelector("[data-pass]"), status = box.querySelector("[data-status]");
const texts = JSON.parse(box.dataset.texts), { zone } = box.dataset;

async function ask(wish) {
  const { active } = await navigator.serviceWorker.ready;
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => done(data);
    active.postMessage({ wish, zone, path: location.pathname }, [port2]);
  });
}

async function show(wish) {
  const { became, saved } = await ask(wish);
  for (const part of box.querySelectorAll("[data-offer]")) part.hidden = (part.dataset.offer === "remove") !== Boolean(saved);
  box.querySelector("[data-all]").hidden = false;
  if (wish === "remove" && !saved) status.textContent = texts.removed;
  else if (wish === "save" && became !== "saved") status.textContent = texts[became];
  else status.textContent = saved ? texts.saved.replace("%s", saved) : "";
  // The button that was pressed is there no more: the focus goes to what became of it.
  const { activeElement } = document;
  if (wish && (activeElement === document.body || activeElement.closest("[hidden]"))) status.focus();
}

for (const button of box.querySelectorAll("[data-wish]")) {
  button.addEventListener("click", () => show(button.dataset.wish).catch(() => { status.textContent = texts.failed; }));
}
if ("serviceWorker" in navigator) show("").catch(() => {});
