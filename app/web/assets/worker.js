// Answers for the day sheet when there is no connection, on devices that were prepared for it. It stores one copy of the
// sheet, encrypted, until the end of its day, and deletes it when someone signs in or out. A sign-out without a connection
// is done as soon as there is one. See docs/desk-offline.md.
const SHEET = /^(\/en)?\/ventanilla\/agenda$/;
const OF_STAFF = /^(\/en)?\/ventanilla(\/|$)/;
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

const forget = () => within("readwrite", (single) => {
  single.delete("copy");
  single.delete("key");
  single.put(Date.now(), "forgotten");
});

const store = async (answer, askedAt) => {
  const page = await answer.text();
  let key = await within("readonly", (single) => single.get("key"));
  if (!key) {
    key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  }
  const iv = crypto.getRandomValues(new Uint8Array(12));
  // The session's token stays with the session.
  const skew = Date.parse(answer.headers.get("date")) - Date.now() || 0;
  const text = new TextEncoder().encode(page.replace(/(name="csrf" value=")[^"]*/g, "$1")
    .replace(/data-now="[^"]*"/, `data-skew="${skew}"`));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, text);
  const copy = {
    iv, data, skew, saved: Date.now(), until: Date.parse(answer.headers.get("sheet-until")),
    headers: HEADERS.map((name) => [name, answer.headers.get(name)]).filter((one) => one[1]),
  };
  // A page that was asked for before someone signed out isn't stored after it.
  await within("readwrite", (single) => {
    const forgotten = single.get("forgotten");
    forgotten.onsuccess = () => {
      if (forgotten.result >= askedAt && forgotten.result <= Date.now()) return;
      single.put(key, "key");
      single.put(copy, "copy");
    };
  });
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

const TEXTS = {
  absent: ["Sin conexión, y este dispositivo no tiene copia de la hoja de hoy.",
    "No connection, and this device has no copy of today's sheet."],
  offline: ["Sin conexión. Vuelva a intentarlo cuando regrese.", "No connection. Try again when it is back."],
  leaving: ["Sin conexión: su sesión todavía no se pudo cerrar. La copia de la hoja ya se borró de este dispositivo. La"
    + " sesión se cierra sola cuando regrese la conexión: deje esta página abierta.",
    "No connection: you could not be signed out yet. The copy of the sheet was deleted from this device. You are signed"
    + " out as soon as the connection is back: leave this page open."],
};

const plain = (path, name) => {
  const isEnglish = path.startsWith("/en/");
  const text = TEXTS[name][isEnglish ? 1 : 0];
  const again = name === "leaving"
    ? `<meta http-equiv="refresh" content="15;url=${isEnglish ? "/en" : ""}/ventanilla/entrar">` : "";
  const page = `<!DOCTYPE html><html lang="${isEnglish ? "en" : "es-MX"}"><meta charset="utf-8">${again}`
    + `<meta name="viewport" content="width=device-width"><title>${text}</title><h1>${text}</h1></html>`;
  return new Response(page, { status: 503, headers: { "content-type": "text/html; charset=utf-8" } });
};

const isLeaving = () => within("readonly", (single) => single.get("leaving"));

// Sign out who had no connection to do so: with the token of a page, as the copy of the sheet has none.
const finishLeaving = async () => {
  if (!await isLeaving()) return;
  const page = await fetch("/ventanilla/agenda");
  const token = (await page.text()).match(/name="csrf" value="([^"]+)"/);
  if (!page.redirected && token) {
    await fetch("/ventanilla/salir", { method: "POST", body: new URLSearchParams({ csrf: token[1] }) });
  }
  await within("readwrite", (single) => { single.delete("leaving"); });
};

const signing = async (request) => {
  const { pathname } = new URL(request.url);
  const isOut = pathname.endsWith("/salir");
  if (isOut) await forget();
  try {
    const answer = await fetch(request);
    await forget();
    return answer;
  } catch {
    if (isOut) await within("readwrite", (single) => { single.put(true, "leaving"); });
    return plain(pathname, isOut ? "leaving" : "offline");
  }
};

const ofStaff = async (request) => {
  await finishLeaving().catch(() => {});
  try {
    return await fetch(request);
  } catch {
    return plain(new URL(request.url).pathname, await isLeaving() ? "leaving" : "offline");
  }
};

const sheet = async (event) => {
  const { request } = event;
  const isPage = request.mode === "navigate";
  await finishLeaving().catch(() => {});
  const askedAt = Date.now();
  const patience = new Promise((_done, fail) => { setTimeout(fail, PATIENCE); });
  try {
    const answer = await (isPage ? Promise.race([fetch(request), patience]) : fetch(request));
    if (isPage && answer.status > 501) throw new Error(answer.status);
    if (answer.ok && !answer.redirected && answer.headers.get("sheet-until")) {
      event.waitUntil(store(answer.clone(), askedAt));
    } else if (answer.status === 403 || answer.status === 404) {
      event.waitUntil(forget());
    }
    return answer;
  } catch {
    if (!isPage) return Response.error();
    const name = await isLeaving() ? "leaving" : "absent";
    return await copyOf() || plain(new URL(request.url).pathname, name);
  }
};

self.addEventListener("install", () => self.skipWaiting());
// A shared device stores nothing for citizens: the portal's worker, whose place this one takes, may have.
const clear = async () => {
  const names = (await caches.keys()).filter((name) => name === "passes" || name.startsWith("portal-"));
  await Promise.all(names.map((name) => caches.delete(name)));
};
self.addEventListener("activate", (event) => event.waitUntil(clear().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.method === "POST" && SIGNING.test(pathname)) {
    event.respondWith(signing(request));
  } else if (request.method === "GET" && SHEET.test(pathname)) {
    event.respondWith(sheet(event));
  } else if (request.mode === "navigate" && request.method === "GET" && OF_STAFF.test(pathname)) {
    event.respondWith(ofStaff(request));
  } else if (request.method === "GET" && pathname.startsWith("/static/")) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(request)) || Response.error()));
  }
});
