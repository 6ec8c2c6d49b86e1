// A kiosk whose browser has no worker, as over http: before a page is left, it asks whether the server answers. If not, it
// shows in place what the worker would: where to go, and the same form to try again, with its key. A connection that fails
// in the moment after the answer, and a restart without one, are the browser's own to say.
const LONGEST_WAIT = 8000;
const start = document.querySelector("[data-home]").dataset.home;
const spare = `${location.pathname.startsWith("/en/") ? "/en" : ""}${start}/sin-conexion`;
const isAlone = () => !navigator.serviceWorker?.controller;
let instead, isPassing = false;

const ask = async () => {
  try {
    const answer = await fetch(spare, { cache: "no-store", signal: AbortSignal.timeout(LONGEST_WAIT) });
    return answer.status < 502 ? answer : null;
  } catch {
    return null;
  }
};

const showInstead = (to, fields) => {
  const shown = document.importNode(instead.querySelector("main"), true);
  const again = shown.querySelector("[data-again]");
  again.setAttribute("action", to);
  again.setAttribute("method", fields.length ? "post" : "get");
  for (const [name, value] of fields) again.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  document.querySelector("main").replaceWith(shown);
  document.title = instead.title;
  shown.tabIndex = -1;
  shown.style.outline = "none";
  shown.focus();
};

// `go` leaves the page; `to` and `fields` are what is tried again where it can't be left.
globalThis.leaveKiosk = async (go, to, fields = []) => {
  if (!isAlone() || !instead || await ask()) go(); else showInstead(to, fields);
};

document.addEventListener("submit", (event) => {
  const form = event.target, pressed = event.submitter;
  if (isPassing || !isAlone() || !instead) return;
  event.preventDefault();
  const fields = form.method === "post" ? [...new FormData(form)] : [];
  if (pressed?.name) fields.push([pressed.name, pressed.value]);
  globalThis.leaveKiosk(() => {
    isPassing = true;
    form.requestSubmit(pressed?.isConnected ? pressed : null);
    isPassing = false;
  }, form.getAttribute("action"), fields);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || !isAlone() || !instead) return;
  event.preventDefault();
  globalThis.leaveKiosk(() => location.assign(link.href), link.getAttribute("href"));
});

// A page that isn't there yet: a kiosk that isn't paired is sent elsewhere.
ask().then(async (answer) => {
  if (answer?.ok && !answer.redirected) instead = new DOMParser().parseFromString(await answer.text(), "text/html");
});
