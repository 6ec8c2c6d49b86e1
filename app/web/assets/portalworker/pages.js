// Answers for citizens' pages that have no network: with the saved pass at its address, else with the page that lists the
// saved passes. With a network, the network answers; what isn't a page that a citizen opens passes by the worker.
const OWN = `portal-${VERSION}`, PATIENCE = 8000, DAY = 86400000;
const OTHERS = /^(\/en)?\/(ventanilla|pantalla|desarrollo)(\/|$)/;
const FILES = /^\/(api|health|metrics)(\/|$)|\.[a-z0-9]+$|\/(constancia|eventos)$|\/documentos\/./;
// Forms that end a session, or begin one of staff. Sent from a page of another site, the server refuses them.
const ENDING = /^(\/en)?\/(salir|mi\/borrar|no-fui-yo\/[^/]+|ventanilla\/(entrar|salir))$/;
const NOTICES = ["/sin-conexion", "/en/sin-conexion"];
const noticeOf = (path) => NOTICES[/^\/en(\/|$)/.test(path) ? 1 : 0];

// The page that says that there is no network, in both languages, as anyone sees it: without the cookie of a session.
const prepare = async () => {
  const store = await caches.open(OWN), named = new Set();
  for (const path of NOTICES) {
    const answer = await fetch(path, { credentials: "omit", cache: "no-store" });
    if (!answer.ok || answer.redirected) continue;
    for (const name of (await answer.clone().text()).match(/\/static\/[a-z]+-[0-9a-f]+\.[a-z]+/g) || []) named.add(name);
    await store.put(path, answer);
  }
  await store.addAll(named);
};

const refresh = async () => {
  const stored = await (await caches.open(OWN)).match(NOTICES[0]);
  if (!stored || Math.abs(Date.now() - Date.parse(stored.headers.get("date"))) > DAY) await prepare();
};

const escaped = (text) => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);

const notice = async (path) => {
  const stored = await (await caches.open(OWN)).match(noticeOf(path));
  if (!stored) return Response.error();
  const items = (await portal.passes.listed()).map(({ path: at, title }) =>
    `<li><a class="govuk-link" href="${escaped(at)}">${escaped(title)}</a></li>`).join("");
  const page = await stored.text();
  const shown = items ? page.replace("data-passes hidden", "data-passes").replace("data-none", "data-none hidden")
    .replace("<li data-pass></li>", () => items) : page;
  const headers = [...stored.headers].filter(([name]) => !/^(content-(encoding|length)|date|etag|vary|x-request-id)$/.test(name));
  return new Response(shown, { status: 503, headers });
};

// Whether the server can't or won't show the pass now: it fails, or no one is signed in. Where a redirect leads can't be
// read from the answer to a page that is opened; who isn't a browser is refused in words.
const isLapsed = async (answer, path) => {
  const { status } = answer.type === "opaqueredirect" ? await fetch(path, { cache: "no-store" }) : answer;
  return status >= 500 || status === 429 || status === 401;
};

const openPass = async (event, path, pass) => {
  const network = fetch(event.request).then(async (answer) => (await isLapsed(answer, path) ? null : answer));
  const patience = new Promise((_done, fail) => { setTimeout(fail, PATIENCE); });
  let answer;
  try { answer = await Promise.race([network, patience]); } catch { return portal.passes.show(pass, "offline"); }
  if (!answer) return portal.passes.show(pass, "lapsed");
  event.waitUntil(answer.status === 404 ? portal.passes.remove([path]) : portal.passes.follow(answer));
  return answer;
};

const open = async (event) => {
  const { pathname } = new URL(event.request.url);
  const pass = portal.passes.isPass(pathname) && await portal.passes.find(pathname);
  if (pass) return openPass(event, pathname, pass);
  let answer;
  try { answer = await fetch(event.request); } catch { return notice(pathname); }
  event.waitUntil(Promise.all([portal.passes.follow(answer), refresh()]).catch(() => {}));
  return answer;
};

const pathOf = (address) => (address.startsWith(`${self.location.origin}/`) ? new URL(address).pathname : "");

self.addEventListener("install", (event) => event.waitUntil(prepare().catch(() => {})));
self.addEventListener("fetch", (event) => {
  const { request } = event, path = pathOf(request.url);
  if (request.method === "POST" && ENDING.test(path) && pathOf(request.referrer)) {
    event.waitUntil(portal.passes.forget());
  } else if (request.method !== "GET") {
    // Forms go their own way.
  } else if (request.mode === "navigate" && path && !OTHERS.test(path) && !FILES.test(path)) {
    event.respondWith(open(event));
  } else if (path.startsWith("/static/") && !OTHERS.test(pathOf(request.referrer))) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(request)) || Response.error()));
  }
});
