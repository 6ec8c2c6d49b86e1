// A citizen's program with the client that @hey-api/openapi-ts makes of the portal's document:
//
//     curl -O http://localhost:8000/api/v1/openapi.json
//     npx @hey-api/openapi-ts
//
// It does what openapi_fetch.ts does, with the same settings. A refusal is thrown as the problem that was returned.
import { client } from "./portal/client.gen.js";
import {
  attachDocument,
  createAppointment,
  createHold,
  createTokens,
  getCertificate,
  getMetric,
  getRequest,
  listFreeDays,
  listFreeTimes,
  moveAppointment,
  requestCode,
  startRequest,
  submitRequest,
  type AppointmentOut,
  type RequestDetailOut,
} from "./portal/index.js";

declare const process: { env: Record<string, string | undefined> };

const { PORTAL = "http://localhost:8000", CURP = "", CODE = "" } = process.env;
const SERVICE = "family-medicine";
const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAACgAAAAoCAIAAAADnC86AAAALklEQVR4nO3NAQ0AAAgDILV/5xvDzUEBOkldmJNVLBaLxWKxWCwWi8VisVj8NF6D6wNNapkOkAAAAABJRU5ErkJggg==";
const throwOnError = true;

const once = () => ({ "Idempotency-Key": crypto.randomUUID() });

/** What was returned: nothing is with `Prefer: return=minimal` only. */
function present<T>(data: T | void): T {
  if (data === undefined) {
    throw new Error("nothing was returned");
  }
  return data as T;
}

async function signIn(): Promise<void> {
  const { data: challenge } = await requestCode({ body: { curp: CURP }, throwOnError });
  const { data: tokens } = await createTokens({
    body: { challenge_id: challenge.challenge_id, code: CODE },
    throwOnError,
  });
  client.setConfig({ auth: () => tokens.access_token });
}

async function book(): Promise<AppointmentOut> {
  const { data: free } = await listFreeDays({ query: { service: SERVICE }, throwOnError });
  const { data: day } = await listFreeTimes({
    path: { day: free.days[0]!.day },
    query: { service: SERVICE },
    throwOnError,
  });
  const [first, , later] = day.times;
  const { data: hold } = await createHold({
    body: { unit_id: free.unit_id, service: SERVICE, room: first!.room, start_at: first!.start_at },
    headers: once(),
    throwOnError,
  });
  const booked = await createAppointment({ body: { hold_id: hold.id }, headers: once(), throwOnError });
  const moved = await moveAppointment({
    path: { folio: booked.data.folio },
    body: { room: later!.room, start_at: later!.start_at },
    headers: { ...once(), "If-Match": booked.response.headers.get("ETag")! },
    throwOnError,
  });
  return moved.data;
}

async function requestCorrection(): Promise<RequestDetailOut> {
  const started = await startRequest({
    body: { service: "data-correct", answers: { field: "name", second_surname: "Muñoz" } },
    headers: once(),
    throwOnError,
  });
  const draft = present(started.data);
  const path = { folio: draft.folio };
  const bytes = Uint8Array.from(atob(PICTURE), (letter) => letter.charCodeAt(0));
  for (const { kind } of draft.required_documents) {
    const file = new File([bytes], "documento.png", { type: "image/png" });
    await attachDocument({ path, body: { kind, file }, headers: once(), throwOnError });
  }
  const { response } = await getRequest({ path, throwOnError });
  const submitted = await submitRequest({
    path,
    headers: { ...once(), "If-Match": response.headers.get("ETag")! },
    throwOnError,
  });
  return present(submitted.data);
}

async function certificate(): Promise<string> {
  const decided = await startRequest({ body: { service: "vigencia" }, headers: once(), throwOnError });
  const { folio } = present(decided.data);
  const { data: file } = await getCertificate({ path: { folio }, throwOnError });
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function metric(): Promise<number[]> {
  const sizes: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await getMetric({
      path: { metric: "completion" },
      query: { since: "2025-01-01", until: "2025-12-31", group_by: ["service"], limit: 1, cursor },
      throwOnError,
    });
    if (typeof page.data === "string") {
      throw new Error("CSV, which was not asked for");
    }
    sizes.push(...page.data.rows.map((row) => row.n ?? 0));
    cursor = nextCursor(page.response);
  } while (cursor !== undefined);
  return sizes;
}

/** The cursor of the next page: lists name its address in the Link header. */
function nextCursor(response: Response): string | undefined {
  const next = /<([^>]*)>; *rel="next"/.exec(response.headers.get("Link") ?? "");
  return next ? (new URL(next[1]!, PORTAL).searchParams.get("cursor") ?? undefined) : undefined;
}

client.setConfig({ baseUrl: PORTAL });
await signIn();
const appointment = await book();
const correction = await requestCorrection();
console.log(
  JSON.stringify({
    appointment: appointment.folio,
    start_at: appointment.start_at,
    request: correction.folio,
    certificate: await certificate(),
    metric: await metric(),
  }),
);
