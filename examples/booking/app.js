// A citizen books from another origin, with nothing but fetch. The portal must name the page's origin:
//
//     VENTANILLA_API_ORIGINS=http://localhost:9000 make run
//     python3 -m http.server 9000 --directory examples/booking
//
// then open http://localhost:9000/?portal=http://127.0.0.1:8000. An editor, and `npx tsc --noEmit --allowJs --checkJs
// --strict app.js`, know every body and response by types that are made of the portal's document:
//
//     npx openapi-typescript http://localhost:8000/api/v1/openapi.json --default-non-nullable false -o api.d.ts
/** @typedef {import("./api.js").components["schemas"]} Schemas */

const PORTAL = new URLSearchParams(location.search).get("portal") ?? "http://127.0.0.1:8000";
const SERVICE = "family-medicine";

/** In memory only: leaving the page signs out. */
let token = "";
let challenge = "";

/**
 * Call the API. A refusal is thrown with the sentence for the person; `type`, `status` and `next_step` are beside it.
 * @template T
 * @param {string} path
 * @param {unknown} [body] without one, it is a GET
 * @returns {Promise<T>}
 */
async function call(path, body) {
  /** @type {Record<string, string>} */
  const headers = { "Accept-Language": "es" };
  if (token) {
    headers["Authorization"] = `Bearer ${token}`;
  }
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    headers["Idempotency-Key"] = crypto.randomUUID();
  }
  const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(`${PORTAL}/api/v1${path}`, { headers, ...sent }).catch(() => {
    throw new Error("No hay conexión con el portal, o no admite programas de esta dirección.");
  });
  const returned = await response.json();
  if (!response.ok) {
    /** @type {Schemas["Problem"]} */
    const problem = returned;
    throw new Error([`${problem.title}.`, problem.detail, problem.next_step].filter(Boolean).join(" "));
  }
  return returned;
}

/**
 * An element of the page, by its id and kind.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
function part(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) {
    throw new TypeError(id);
  }
  return found;
}

/**
 * Do what a form asks for; hide it once that is done, and show the next one.
 * @param {string} id
 * @param {() => Promise<void>} act
 * @param {string} [next]
 */
function on(id, act, next) {
  const form = part(id, HTMLFormElement);
  const problem = part("problem", HTMLParagraphElement);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.ariaBusy === "true") {
      return; // a double click
    }
    form.ariaBusy = "true";
    problem.textContent = "";
    try {
      await act();
      form.hidden = true;
      if (next) {
        part(next, HTMLFormElement).hidden = false;
      }
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
    } finally {
      form.ariaBusy = null;
    }
  });
}

on("who", async () => {
  /** @satisfies {Schemas["CodeIn"]} */
  const asked = { curp: part("curp", HTMLInputElement).value };
  /** @type {Schemas["ChallengeOut"]} */
  const sent = await call("/sign-in/codes", asked);
  challenge = sent.challenge_id;
}, "proof");

on("proof", async () => {
  /** @satisfies {Schemas["TokensIn"]} */
  const proof = { challenge_id: challenge, code: part("code", HTMLInputElement).value };
  /** @type {Schemas["TokensOut"]} */
  const tokens = await call("/sign-in/tokens", proof);
  token = tokens.access_token;
  await listTimes();
}, "when");

async function listTimes() {
  /** @type {Schemas["Availability"]} */
  const free = await call(`/availability?service=${SERVICE}`);
  const [first] = free.days;
  if (!first) {
    throw new Error("No hay horas libres.");
  }
  /** @type {Schemas["DayTimes"]} */
  const { times } = await call(`/availability/${first.day}?service=${SERVICE}`);
  const shown = new Intl.DateTimeFormat("es-MX", { dateStyle: "full", timeStyle: "short", timeZone: free.timezone });
  part("time", HTMLSelectElement).replaceChildren(
    ...times.map((time) => {
      /** @satisfies {Schemas["HoldIn"]} */
      const wanted = { unit_id: free.unit_id, service: SERVICE, room: time.room, start_at: time.start_at };
      return new Option(shown.format(new Date(time.start_at)), JSON.stringify(wanted));
    }),
  );
}

on("when", async () => {
  const choice = part("time", HTMLSelectElement);
  /** @type {Schemas["HoldOut"]} */
  const hold = await call("/holds", JSON.parse(choice.value));
  /** @satisfies {Schemas["BookIn"]} */
  const wanted = { hold_id: hold.id };
  /** @type {Schemas["AppointmentOut"]} */
  const appointment = await call("/appointments", wanted);
  const at = choice.selectedOptions[0]?.text;
  part("done", HTMLParagraphElement).textContent = `Su cita ${appointment.folio}: ${at}, ${appointment.unit_name}.`;
});
