// A page that was opened says when what it shows has changed, and changes nothing by itself: what is being read, typed
// or ticked stays as it is. One stream while the page is visible, and none when the person saves data.
const IDLE = 40000, FIRST = 2000, LONGEST = 60000, REFUSED = new Set([401, 403, 404]);
let box = document.querySelector("[data-live]"), last = box.dataset.last;
let open = null, pause = FIRST, timer, askedAt = 0, isOver = Boolean(navigator.connection?.saveData);

// Fields that aren't as the page came: what a person typed, chose or ticked.
const isChanged = (field) => {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some((one) => one.selected !== one.defaultSelected);
  return field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue;
};
const fieldsOf = (place) => [...place.querySelectorAll("input, select, textarea")].filter((one) => one.name);
const placeOf = (field, page) => fieldsOf(page).find((one) => one.name === field.name
  && (one.type !== "checkbox" && one.type !== "radio" || one.value === field.value));

// The page as it is now, with what was typed where it stood. Where that has no place any more, nothing is replaced.
async function see(address) {
  const main = document.querySelector("main"), typed = fieldsOf(main).filter(isChanged);
  if (!typed.length) return location.assign(address);
  const answer = await fetch(address, { cache: "no-store" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("main"), kept = typed.map((field) => [field, fresh && placeOf(field, fresh)]);
  if (!answer.ok || answer.redirected || kept.some(([field, to]) => !to && field.type !== "checkbox")) {
    box.querySelector("[data-stuck]").hidden = false;
    return undefined;
  }
  for (const [field, to] of kept.filter((one) => one[1])) {
    if (field.type === "checkbox" || field.type === "radio") to.checked = field.checked;
    else to.value = field.value;
  }
  // The notice of the form's time has a running script: it goes on in the new form.
  main.querySelectorAll("[data-seconds]").forEach((one, at) => fresh.querySelectorAll("[data-seconds]")[at]?.replaceWith(one));
  main.replaceChildren(...fresh.childNodes);
  box = document.querySelector("[data-live]");
  last = box.dataset.last;
  const title = main.querySelector("h1");
  title.tabIndex = -1;
  title.focus();
  return connect();
}

function show(nodes) {
  const text = [...nodes].map((one) => one.textContent).join().replace(/\s+/g, " ");
  if (box.dataset.said === text) return;
  box.dataset.said = text;
  box.replaceChildren(...nodes);
  box.querySelector("[data-see]")?.addEventListener("click", (event) => {
    event.preventDefault();
    see(event.currentTarget.href).catch(() => { box.querySelector("[data-stuck]").hidden = false; });
  });
}

// Of a list: the numbers, and what is new in it, asked for at most every ten seconds.
async function news() {
  askedAt = Date.now();
  const shown = box.dataset.first ? `&tiene=${fieldsOf(document).filter((one) => one.name === "folio").map((one) => one.value)}` : "";
  const answer = await fetch(`${box.dataset.news}${shown}`, { cache: "no-store" });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.querySelector("[data-counts]").replaceChildren(...page.querySelector("[data-counts]").childNodes);
  show(page.querySelector("[data-new]").children);
}

function changed() {
  if (!box.dataset.news) {
    show(document.querySelector("template[data-notice]").content.cloneNode(true).children);
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(() => news().catch(() => {}), Math.max(1000, askedAt + 10000 - Date.now()));
}

async function read(stop) {
  let silence;
  const heard = () => { clearTimeout(silence); silence = setTimeout(() => stop.abort(), IDLE); };
  heard();
  try {
    const headers = { Accept: "text/event-stream", "Last-Event-ID": last };
    const answer = await fetch(box.dataset.live, { headers, signal: stop.signal, cache: "no-store" });
    isOver = REFUSED.has(answer.status) || answer.redirected;
    if (!answer.ok || isOver) { pause = LONGEST; return; }
    pause = FIRST;
    const reader = answer.body.getReader(), decoder = new TextDecoder();
    for (let rest = ""; ;) {
      const { value, done } = await reader.read();
      if (done) return;
      heard();
      const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const id = block.match(/^id: (.+)$/m);
        if (id) { last = id[1]; changed(); }
      }
    }
  } finally { clearTimeout(silence); }
}

async function connect() {
  if (open || isOver || document.hidden) return;
  const mine = open = new AbortController();
  while (open === mine && !isOver) {
    const wait = pause * (0.5 + Math.random());
    pause = Math.min(pause * 2, LONGEST);
    const stop = new AbortController();
    mine.signal.addEventListener("abort", () => stop.abort());
    try { await read(stop); } catch { /* the next attempt comes later */ }
    if (open === mine && !isOver) await new Promise((go) => { setTimeout(go, wait); });
  }
}
function leave() {
  open?.abort();
  open = null;
}

document.addEventListener("visibilitychange", () => (document.hidden ? leave() : connect()));
window.addEventListener("pagehide", leave);
window.addEventListener("pageshow", connect);
if (window.ReadableStream) connect();
