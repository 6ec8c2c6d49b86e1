// Answers for a kiosk while there is no connection: with its own page, which says where to go and tries again. A form goes
// along in that page as it was sent, with its key: tried again, it gives one number, also when only the answer was lost.
const STORE = "kiosk";
const PATIENCE = 8000;
const DAY = 86400000;
const HEADERS = ["content-type", "content-language", "content-security-policy", "x-content-type-options",
  "x-frame-options", "referrer-policy", "permissions-policy"];
const HOME = /^(\/en)?\/ventanilla\/quiosco$/;
const pageOf = (path) => `${path.startsWith("/en/") ? "/en" : ""}/ventanilla/quiosco/sin-conexion`;

// The page in this language, and what it is made of. One of a kiosk that isn't paired yet is none.
const prepare = async (path) => {
  const store = await caches.open(STORE);
  const answer = await fetch(pageOf(path));
  if (!answer.ok || answer.redirected) return;
  const named = (await answer.clone().text()).match(/\/static\/[a-z]+-[0-9a-f]+\.[a-z]+/g) || [];
  await store.addAll([...new Set(named)]);
  await store.put(pageOf(path), answer);
};

const refresh = async (path) => {
  const stored = await caches.match(pageOf(path));
  if (!stored || Date.now() - Date.parse(stored.headers.get("date")) > DAY) await prepare(path);
};

const escaped = (text) => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);

const offline = async (path, sent) => {
  const stored = await caches.match(pageOf(path));
  if (!stored) return Response.error();
  const fields = [...new URLSearchParams(sent || "")]
    .map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`).join("");
  const again = `method="${sent === null ? "get" : "post"}" action="${escaped(path)}" data-again>${fields}`;
  const page = (await stored.text()).replace(/method="get" action="[^"]*" data-again>/, () => again);
  const headers = HEADERS.map((name) => [name, stored.headers.get(name)]).filter((one) => one[1]);
  return new Response(page, { status: 503, headers: [...headers, ["cache-control", "no-store"]] });
};

const navigate = async (event) => {
  const { request } = event;
  const { pathname } = new URL(request.url);
  const sent = request.method === "POST" ? await request.clone().text() : null;
  const patience = new Promise((_done, fail) => { setTimeout(fail, PATIENCE); });
  try {
    const answer = await Promise.race([fetch(request), patience]);
    if (answer.status > 501) throw new Error(answer.status);
    if (answer.ok && HOME.test(pathname)) event.waitUntil(refresh(pathname).catch(() => {}));
    return answer;
  } catch {
    return offline(pathname, sent);
  }
};

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(Promise.all(["/", "/en/"].map((path) => prepare(path).catch(() => {}))));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(navigate(event));
  } else if (request.method === "GET" && pathname.startsWith("/static/")) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(request)) || Response.error()));
  }
});
