// The passes that are saved in this browser, each with a link and a button that deletes it: the portal's worker says which.
const box = document.querySelector("[data-passes]"), list = box.querySelector("[data-list]");
const status = box.querySelector("[data-status]"), line = box.querySelector("template");

async function ask(wish) {
  const { active } = await navigator.serviceWorker.ready;
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => done(data);
    active.postMessage(wish, [port2]);
  });
}

function lineOf({ path, title }) {
  const item = line.content.cloneNode(true), link = item.querySelector("[data-link]");
  link.href = path;
  link.textContent = title;
  item.querySelector("[data-remove] span").textContent = `: ${title}`;
  item.querySelector("[data-remove]").addEventListener("click", () => remove(path, title).catch(() => {}));
  return item;
}

async function show(said) {
  const passes = await ask({ wish: "list" });
  list.replaceChildren(...passes.map(lineOf));
  status.textContent = said || (passes.length ? "" : box.dataset.none);
}

// The button goes with its line: the focus goes to what became of it.
async function remove(path, title) {
  await ask({ wish: "remove", path });
  await show(box.dataset.removed.replace("%s", () => title));
  status.focus();
}

if ("serviceWorker" in navigator) show("").catch(() => {});
