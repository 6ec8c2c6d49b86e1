// The passes of appointments that a person chose to save in this browser, one answer each in a cache of their own with what
// they are made of. A pass is shown until the end of its day by the server's clock, and deleted when someone signs out,
// when another person signs in, and when a page says that the appointment has none any more. See docs/pass.md.
const STORE = "passes", MOST = 10, LARGEST = 100000;
const PASS = /^(?:\/en)?(\/citas\/[^/]+\/tarjeta)$/;
const NAMES = /\/static\/[a-z]+-[0-9a-f]+\.[a-z]+/g;
const HEADERS = ["content-type", "content-language", "content-security-policy", "x-content-type-options", "x-frame-options",
  "referrer-policy", "permissions-policy", "pass-owner", "pass-state", "pass-until", "pass-start", "pass-title"];
let forgotten = 0;

const keyOf = (path) => (path.match(PASS) || [])[1];
const stateOf = ({ headers }) => headers.get("pass-state").split("=");
const isOver = (pass) => !(Date.now() + Number(pass.headers.get("pass-skew")) < Date.parse(pass.headers.get("pass-until")));

// Every pass that is stored, as address and answer; those whose day has ended are deleted first.
const all = async () => {
  if (!await caches.has(STORE)) return [];
  const store = await caches.open(STORE), found = [];
  for (const { url } of await store.keys()) {
    const { pathname } = new URL(url);
    if (!keyOf(pathname)) continue;
    const pass = await store.match(url);
    if (pass) found.push([pathname, pass]);
  }
  const over = found.filter(([, pass]) => isOver(pass));
  if (over.length) await remove(over.map(([path]) => path));
  return found.filter(([, pass]) => !isOver(pass));
};

// What no pass names any more goes with the last that did, and with the last pass the cache.
const remove = async (paths) => {
  const store = await caches.open(STORE);
  await Promise.all(paths.map((path) => store.delete(keyOf(path))));
  const named = new Set(), assets = [];
  let left = 0;
  for (const { url } of await store.keys()) {
    const { pathname } = new URL(url), pass = keyOf(pathname) && await store.match(url);
    if (!pass) { assets.push(pathname); continue; }
    left += 1;
    for (const name of (await pass.text()).match(NAMES) || []) named.add(name);
  }
  if (left) await Promise.all(assets.filter((name) => !named.has(name)).map((name) => store.delete(name)));
  else await caches.delete(STORE);
};

const forget = async () => {
  forgotten += 1;
  await caches.delete(STORE);
};

// Only what the server answers as a pass, to who may see it; one that was asked for before a sign-out isn't stored after it.
const save = async (path) => {
  const before = forgotten, stored = await all();
  if (stored.length >= MOST && !stored.some(([one]) => one === keyOf(path))) return "full";
  const answer = await fetch(path, { cache: "no-store" });
  const page = await answer.text(), { headers } = answer;
  if (!answer.ok || answer.redirected || !headers.get("pass-until") || page.length > LARGEST) return "failed";
  const date = Date.parse(headers.get("date"));
  const stated = HEADERS.map((name) => [name, headers.get(name)]).filter((one) => one[1]);
  stated.push(["pass-path", path], ["pass-saved", new Date(date || Date.now()).toISOString()],
    ["pass-skew", String(date - Date.now() || 0)]);
  const store = await caches.open(STORE);
  const has = new Set((await store.keys()).map(({ url }) => new URL(url).pathname));
  await store.addAll([...new Set(page.match(NAMES))].filter((name) => !has.has(name)));
  await store.put(`/citas/${stateOf(answer)[0]}/tarjeta`, new Response(page, { headers: stated }));
  if (before !== forgotten) { await caches.delete(STORE); return "failed"; }
  return "saved";
};

// What a page says of the passes: whose session it is, and which appointments have a pass, in which version. `*` are all
// others of that person. Of a page without these headers nothing follows.
const follow = async ({ headers }) => {
  const owner = headers.get("pass-owner"), state = headers.get("pass-state");
  if (!owner && !state) return;
  const states = new Map((state || "").split(", ").map((one) => one.split("=")));
  const old = [], ended = [];
  for (const [path, pass] of await all()) {
    const [folio, stored] = stateOf(pass);
    const now = states.get(folio) ?? states.get("*") ?? stored;
    if (owner && pass.headers.get("pass-owner") !== owner || now === "none") ended.push(path);
    else if (now !== stored) old.push(pass.headers.get("pass-path"));
  }
  if (ended.length) await remove(ended);
  for (const path of old) if (await save(path).catch(() => "failed") !== "saved") await remove([path]);
};

// By the clock of the unit; an hour stays on one line.
const momentOf = (pass, zone) => new Date(pass.headers.get("pass-saved")).toLocaleString(
  pass.headers.get("content-language") === "en" ? "en" : "es-MX", { dateStyle: "long", timeStyle: "short", timeZone: zone })
  .replace(/\s(?=[ap]\.|[AP]M)/, "\u00a0");

// The page as it was saved, with the notice that says when, and why it isn't the page as it is now.
const show = async (pass, why) => {
  const page = await pass.clone().text();
  const zone = (page.match(/data-zone="([^"]+)"/) || [])[1];
  const shown = page.replace(`data-saved="${why}" hidden`, `data-saved="${why}"`)
    .replaceAll("<time data-saved-at></time>", `<time datetime="${pass.headers.get("pass-saved")}">${momentOf(pass, zone)}</time>`);
  const headers = HEADERS.map((name) => [name, pass.headers.get(name)]).filter((one) => one[1] && !one[0].startsWith("pass-"));
  return new Response(shown, { headers: [...headers, ["cache-control", "no-store"]] });
};

const find = async (path) => (await all()).find(([one]) => one === keyOf(path))?.[1] || null;

// Those that are stored, the first appointment first: address and line of each.
const listed = async () => (await all()).map(([, { headers }]) => headers)
  .sort((one, other) => Date.parse(one.get("pass-start")) - Date.parse(other.get("pass-start")))
  .map((pass) => ({ path: pass.get("pass-path"), title: decodeURIComponent(pass.get("pass-title")) }));

// What a page asks: to save the pass of its own address, to remove one, or whether it is stored. The answer says whether it
// is, since when, and what became of the wish.
const asked = async ({ data, ports }) => {
  const { wish, path } = data;
  let became = "";
  if (wish === "save") became = await save(path).catch(() => "failed");
  if (wish === "remove") await remove([path]);
  const pass = await find(path);
  ports[0].postMessage({ became, saved: pass && momentOf(pass, data.zone) });
};

portal.passes = { isPass: (path) => PASS.test(path), find, listed, follow, forget, remove, show };

self.addEventListener("message", (event) => {
  const { wish, path } = event.data ?? {};
  if (wish === "list" && event.ports.length) event.waitUntil(listed().then((found) => event.ports[0].postMessage(found)));
  else if (typeof wish === "string" && PASS.test(path) && event.ports.length) event.waitUntil(asked(event));
});
