// The day sheet on a device that was prepared to work without a connection: what is recorded waits on the device, under
// an id of its own, and is sent when there is a connection and someone of the unit is signed in. No names are stored here.
const box = document.getElementById("sheet");
const { unit, day, room, owner, zone, language } = box.dataset;
const texts = JSON.parse(box.dataset.texts);
const services = box.dataset.services.split(" ").filter(Boolean);
const ENOUGH = 10;
const part = (name, from = box) => from.querySelector(`[data-part=${name}]`);
// How far the device's clock is behind the server's: the worker's copy has it as it was when it was made.
const skewOf = ({ dataset }) => ("now" in dataset ? Date.parse(dataset.now) - Date.now() : Number(dataset.skew)) || 0;
let skew = skewOf(box);
const can = "serviceWorker" in navigator && window.isSecureContext && "indexedDB" in window;
let state = "online";
let isPrepared = false;
let given = "";
let lastEntry = "";

const within = (mode, work) => new Promise((done, fail) => {
  const asked = indexedDB.open("agenda", 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore("entries", { keyPath: "id" });
    asked.result.createObjectStore("ranges", { keyPath: "id" });
    asked.result.createObjectStore("single");
  };
  asked.onerror = () => fail(asked.error);
  asked.onsuccess = () => {
    const change = asked.result.transaction(["entries", "ranges", "single"], mode);
    const store = (name) => change.objectStore(name);
    let found;
    change.oncomplete = () => { asked.result.close(); done(found); };
    change.onabort = () => { asked.result.close(); fail(change.error); };
    work(store, (value) => { found = value; });
  };
});
const read = (name, key) => within("readonly", (store, give) => {
  const asked = key ? store(name).get(key) : store(name).getAll();
  asked.onsuccess = () => give(asked.result);
});
const hour = (moment) => new Date(moment).toLocaleTimeString(language === "en" ? "en" : "es-MX",
  { hour: "numeric", minute: "2-digit", timeZone: zone });

// Number and entry are written together: a number is given once, whatever tab or crash comes between.
const record = (kind, about) => within("readwrite", (store, give) => {
  const [entries, ranges] = ["entries", "ranges"].map((name) => store(name).getAll());
  ranges.onsuccess = () => {
    const same = entries.result.find((one) => one.folio && one.folio === about.folio && one.kind === kind);
    if (same) { give(same); return; }
    const entry = { id: crypto.randomUUID(), unit, kind, at: new Date().toISOString(), ...about };
    if (kind === "number" || kind === "check-in") {
      const range = ranges.result.find((one) => one.unit_id === unit && one.on_date === day
        && one.service === about.service && one.next <= one.last);
      if (range) {
        entry.number = `${range.letter}-${String(range.next).padStart(3, "0")}`;
        range.next += 1;
        store("ranges").put(range);
      } else if (kind === "number") { return; }
    }
    store("entries").put(entry);
    give(entry);
  };
});

const isLapsed = (answer) => answer.redirected || answer.status === 401;
const post = (path, csrf, sent) => fetch(`${location.pathname}/${path}`,
  { method: "POST", body: new URLSearchParams({ csrf, unidad: unit, json: JSON.stringify(sent) }) });

// At most once a minute in this tab, whatever the clock says, and whoever answers: server or copy.
const MINUTE = 60000;
let reloading;
const reload = () => {
  clearTimeout(reloading);
  const since = Date.now() - Number(sessionStorage.getItem("agenda-reloaded"));
  if (since >= 0 && since < MINUTE) {
    reloading = setTimeout(reload, MINUTE - since);
  } else {
    sessionStorage.setItem("agenda-reloaded", Date.now());
    location.reload();
  }
};
const atTheEnd = () => {
  const left = Date.parse(box.dataset.until) - Date.now() - skew;
  if (left <= 0) reload(); else setTimeout(atTheEnd, Math.min(left + 1000, 2 ** 31 - 1));
};

// The page as the server has it: with a session, its token, and what others have done.
const look = async () => {
  const answer = await fetch(location.href);
  if (isLapsed(answer)) return "lapsed";
  if (!answer.ok) return "refused";
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("sheet");
  if (!fresh || ["owner", "unit", "day", "room"].some((name) => fresh.dataset[name] !== box.dataset[name])) {
    reload();
    return "refused";
  }
  skew = skewOf(fresh);
  return page;
};

const send = async (csrf, device, entries) => {
  if (!entries.length) return "online";
  const answer = await post("pendientes", csrf, {
    device_id: device, device_now: new Date().toISOString(),
    entries: entries.map(({ unit: _unit, ...entry }) => entry),
  });
  if (isLapsed(answer)) return "lapsed";
  if (answer.status === 422 && entries.length > 1) {
    const half = entries.length >> 1;
    const first = await send(csrf, device, entries.slice(0, half));
    const second = await send(csrf, device, entries.slice(half));
    return first === "online" ? second : first;
  }
  if (!answer.ok) return "refused";
  const ended = await answer.json();
  const refused = ended.find((one) => one.status === "conflict" && one.id === lastEntry);
  if (refused) given = texts.refusedEntry;
  await within("readwrite", (store) => { for (const one of ended) store("entries").delete(one.id); });
  return "online";
};

const reserve = async (csrf, device) => {
  const ranges = (await read("ranges")).filter((one) => one.on_date === day);
  for (const service of services) {
    const ours = ranges.filter((one) => one.unit_id === unit && one.service === service);
    if (ours.reduce((sum, one) => sum + one.last - one.next + 1, 0) >= ENOUGH) continue;
    const answer = await post("numeros", csrf, { device_id: device, service, count: 20 });
    if (isLapsed(answer) || !answer.ok) return;
    const range = await answer.json();
    await within("readwrite", (store) => store("ranges").put({ ...range, next: range.first }));
  }
  await within("readwrite", (store) => {
    const all = store("ranges").getAll();
    all.onsuccess = () => { for (const one of all.result) if (one.on_date < day) store("ranges").delete(one.id); };
  });
};

const renew = (page) => {
  const focused = document.activeElement;
  const folio = focused?.closest("tr")?.dataset.folio;
  const id = focused?.id;
  document.getElementById("sheet-server").replaceWith(document.adoptNode(page.getElementById("sheet-server")));
  if (folio) document.querySelector(`tr[data-folio="${folio}"] button`)?.focus();
  else if (id) document.getElementById(id)?.focus();
};

const attempt = async () => {
  let page = await look();
  if (typeof page === "string") return page;
  const csrf = page.querySelector("[name=csrf]").value;
  const device = await read("single", "device");
  const pending = (await read("entries")).filter((one) => one.unit === unit);
  let result = "online";
  for (let first = 0; first < pending.length && result === "online"; first += 100) {
    result = await send(csrf, device, pending.slice(first, first + 100));
  }
  await reserve(csrf, device);
  if (pending.length) page = await look();
  if (typeof page === "string") return page;
  renew(page);
  return result;
};

let running = null;
let again = false;
const sync = () => {
  again = Boolean(running);
  running ??= (async () => {
    do {
      again = false;
      try { state = await attempt(); } catch { state = "offline"; }
      await paint();
      later();
    } while (again);
    running = null;
  })();
  return running;
};

// A connection may be back without the browser saying so, or before it carries anything. Nothing is asked of the server
// while all is sent: a page that is open doesn't keep a session from ending.
let delay = 1000;
let timer;
const later = () => {
  clearTimeout(timer);
  if (state === "online") { delay = 1000; return; }
  timer = setTimeout(sync, delay);
  delay = Math.min(delay * 2, 60000);
};

// Numbers and hours stay whole, however narrow the page.
const write = (target, pieces) => {
  target.replaceChildren(...pieces.filter(Boolean).flatMap((piece, place) => {
    const span = document.createElement("span");
    span.className = "v-nowrap";
    span.textContent = piece;
    return place ? [" · ", span] : [span];
  }));
};

// Without a connection the same copy answers for each address of the page; what the server answers is what was asked for.
// The page says what the server knows its unit by.
const spelled = (name) => (name || "").toUpperCase().replace(/URN:|UUID:|[^\p{L}\p{N}]/gu, "");
const isOther = () => {
  if ("now" in box.dataset) return false;
  const asked = new URLSearchParams(location.search);
  const name = spelled(asked.get("unidad"));
  const isOurs = !name || JSON.parse(box.dataset.names).some((one) => spelled(one) === name);
  return !isOurs || (asked.get("dia") || day) !== day || (Number(asked.get("consultorio")) || 0) !== Number(room);
};

// No one has missed an appointment before the moment that the server gives with its button.
const offer = () => {
  const due = [...document.querySelectorAll("button[data-after]")]
    .filter((button) => Date.parse(button.dataset.after) < Date.now() + skew);
  for (const button of due) {
    button.hidden = false;
    delete button.dataset.after;
  }
  return due.length;
};

const paint = async () => {
  const entries = await read("entries");
  const [ours, others] = [true, false].map((mine) => entries.filter((one) => (one.unit === unit) === mine));
  ours.sort((one, other) => one.at.localeCompare(other.at));
  const ranges = (await read("ranges")).filter((one) => one.unit_id === unit && one.on_date === day);
  const left = ranges.reduce((sum, one) => sum + one.last - one.next + 1, 0);
  const copy = await read("single", "copy");
  const waits = ours.length ? texts.waiting + ours.length : texts.sent;
  part("status").textContent = `${texts[state]}. ${waits}. ${texts.left}${left}.`;
  write(part("copy"), [copy && `${texts.copy}${hour(copy.saved)}`]);
  if (!ours.length) part("kept").textContent = "";
  part("other-sheet").textContent = isOther() ? texts.other : "";
  part("others").textContent = others.length ? texts.elsewhere + others.length : "";
  part("waiting").replaceChildren(...ours.map((one) => {
    const line = document.createElement("li");
    write(line, [hour(one.at), texts[one.kind], one.folio, one.number]);
    return line;
  }));
  offer();
  for (const one of ours.filter((entry) => entry.folio)) {
    const row = document.querySelector(`tr[data-folio="${one.folio}"]`);
    if (!row) continue;
    write(part("state", row), [texts[one.kind], hour(one.at), one.number]);
    for (const button of row.querySelectorAll("button")) {
      const kind = button.value.split(" ")[0];
      button.hidden ||= kind === one.kind || (kind === "missed" && one.kind !== "missed");
    }
  }
  const shown = part("given", document);
  if (shown) shown.textContent = given;
};

const begin = async () => {
  await navigator.serviceWorker.register(box.dataset.worker, { scope: "/" });
  // The worker of citizens' pages may be there from before, and answers until this one has taken its place.
  const ours = new URL(box.dataset.worker, location.href).href;
  while (navigator.serviceWorker.controller?.scriptURL !== ours) {
    await new Promise((done) => { navigator.serviceWorker.addEventListener("controllerchange", done, { once: true }); });
  }
};

// The server leaves what waits on this device when someone signs out.
const mark = (seconds) => { document.cookie = `${box.dataset.cookie}=1; path=/; samesite=lax; max-age=${seconds}`; };

const prepare = async () => {
  await within("readwrite", (store) => {
    const device = store("single").get("device");
    device.onsuccess = () => { if (!device.result) store("single").put(crypto.randomUUID(), "device"); };
    store("single").put(true, "prepared");
  });
  await start();
};

const leave = async () => {
  if ((await read("entries")).length) await sync();
  if ((await read("entries")).length) { part("kept").textContent = texts.kept; return; }
  await within("readwrite", (store) => {
    for (const key of ["copy", "key", "prepared"]) store("single").delete(key);
    store("ranges").clear();
  });
  mark(0);
  await caches.delete("agenda-assets");
  for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
  location.reload();
};

const start = async () => {
  isPrepared = true;
  mark(34560000);
  box.dataset.prepared = "yes";
  await paint();
  if (navigator.onLine) await begin();
  await sync();
};

// The second half of a double click gives no second number.
document.addEventListener("click", (event) => {
  if (isPrepared && event.detail > 1 && event.target.closest("#sheet-form button[name=do]")) event.preventDefault();
});
document.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (!isPrepared || event.target.id !== "sheet-form" || button?.name !== "do") return;
  event.preventDefault();
  const [kind, folio] = button.value.split(" ");
  const { service, is_protected: protects } = event.target.elements;
  const about = folio ? { folio, service: button.closest("tr").dataset.service }
    : { service: service.value, is_protected: protects.checked };
  const entry = await record(kind, about);
  lastEntry = entry?.id || "";
  given = entry ? (entry.number ? texts.given + entry.number : "") : texts.none;
  protects.checked = false;
  await paint();
  await sync();
});
part("send").addEventListener("click", () => { delay = 1000; sync(); });
part("prepare").addEventListener("click", prepare);
part("leave").addEventListener("click", leave);
window.addEventListener("online", () => { delay = 1000; if (isPrepared) sync(); });
window.addEventListener("offline", () => { state = "offline"; if (isPrepared) paint(); });
setInterval(() => { if (offer() && isPrepared) paint(); }, 20000);
atTheEnd();

if (can) {
  box.hidden = false;
  read("single", "prepared").then((prepared) => { if (prepared) start(); });
}
