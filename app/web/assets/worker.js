// Answers for the day sheet when there is no connection, on devices that were prepared for it. It stores one copy of the
// sheet, encrypted, until the end of its day, and deletes it when someone signs in or out. See docs/desk-offline.md.
const SHEET = /^(\/en)?\/ventanilla\/agenda$/;
const SIGNING = /^(\/en)?(\/ventanilla)?\/(entrar|salir|citas)(\/|$)/;
const HEADERS = ["content-type", "content-language", "content-security-policy", "x-content-type-options",
  "x-frame-options", "referrer-policy", "permissions-policy"];
const ASSETS = "agenda-assets";
const PATIENCE = 8000;

const within = (mode, work) => new Promise((done, fail) => {
  const asked = indexedDB.open("agenda", 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore("entries", { keyPath: "id" });
    asked.result.createObjectStore("ranges", { keyPath: "id" });
    asked.result.createObjectStore("single");
  };
  asked.onerror = () => fail(asked.error);
  asked.onsuccess = () => {
    const change = asked.result.transaction("single", mode);
    const found = work(change.objectStore("single"));
    change.oncomplete = () => { asked.result.close(); done(found && found.result); };
    change.onabort = () => { asked.result.close(); fail(change.error); };
  };
});

const forget = () => within("readwrite", (single) => { single.delete("copy"); single.delete("key"); });

const store = async (answer) => {
  const page = await answer.text();
  let key = await within("readonly", (single) => single.get("key"));
  if (!key) {
    key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  }
  const iv = crypto.getRandomValues(new Uint8Array(12));
  // The session's token stays with the session.
  const text = new TextEncoder().encode(page.replace(/(name="csrf" value=")[^"]*/g, "$1"));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, text);
  const skew = Date.parse(answer.headers.get("date")) - Date.now() || 0;
  const copy = {
    iv, data, skew, saved: Date.now(), until: Date.parse(answer.headers.get("sheet-until")),
    headers: HEADERS.map((name) => [name, answer.headers.get(name)]).filter((one) => one[1]),
  };
  await within("readwrite", (single) => { single.put(key, "key"); single.put(copy, "copy"); });
  const assets = await caches.open(ASSETS);
  const named = page.match(/\/static\/[a-z]+-[0-9a-f]+\.[a-z]+/g) || [];
  const stored = (await assets.keys()).map((one) => new URL(one.url).pathname);
  await assets.addAll([...new Set(named)].filter((name) => !stored.includes(name)));
  await Promise.all(stored.filter((name) => !named.includes(name)).map((name) => assets.delete(name)));
};

const copyOf = async () => {
  const copy = await within("readonly", (single) => single.get("copy"));
  const key = await within("readonly", (single) => single.get("key"));
  if (!copy || !key || Date.now() + copy.skew >= copy.until) {
    await forget();
    return null;
  }
  const data = await crypto.subtle.decrypt({ name: "AES-GCM", iv: copy.iv }, key, copy.data);
  return new Response(data, { headers: copy.headers });
};

const absent = (path) => {
  const [language, text] = path.startsWith("/en/")
    ? ["en", "No connection, and this device has no copy of today's sheet."]
    : ["es-MX", "Sin conexión, y este dispositivo no tiene copia de la hoja de hoy."];
  const page = `<!DOCTYPE html><html lang="${language}"><meta charset="utf-8"><title>${text}</title><h1>${text}</h1>`;
  return new Response(page, { status: 503, headers: { "content-type": "text/html; charset=utf-8" } });
};

const sheet = async (event) => {
  const { request } = event;
  const isPage = request.mode === "navigate";
  const patience = new Promise((_done, fail) => { setTimeout(fail, PATIENCE); });
  try {
    const answer = await (isPage ? Promise.race([fetch(request), patience]) : fetch(request));
    if (isPage && answer.status > 501) throw new Error(answer.status);
    if (answer.ok && !answer.redirected && answer.headers.get("sheet-until")) {
      event.waitUntil(store(answer.clone()));
    } else if (answer.status === 403 || answer.status === 404) {
      event.waitUntil(forget());
    }
    return answer;
  } catch {
    return (isPage && (await copyOf() || absent(new URL(request.url).pathname))) || Response.error();
  }
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.method === "POST" && SIGNING.test(pathname)) {
    event.respondWith(forget().then(() => fetch(request)));
  } else if (request.method === "GET" && SHEET.test(pathname)) {
    event.respondWith(sheet(event));
  } else if (request.method === "GET" && pathname.startsWith("/static/")) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(request)) || Response.error()));
  }
});
