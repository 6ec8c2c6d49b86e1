// A citizen's program with openapi-fetch, and types that openapi-typescript makes of the portal's document:
//
//     curl -O http://localhost:8000/api/v1/openapi.json
//     npx openapi-typescript openapi.json --default-non-nullable false -o api.d.ts
//
// It signs in, books, moves, requests a correction with its documents, downloads a certificate, and reads a metric page
// by page. PORTAL is the portal's address; CURP and CODE are whose it is and the code that they were given at the desk.
// A code that was sent works the same: ask the person for it after the first call.
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./api.js";

declare const process: { env: Record<string, string | undefined> };

const { PORTAL = "http://localhost:8000", CURP = "", CODE = "" } = process.env;
const SERVICE = "family-medicine";
const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAACgAAAAoCAIAAAADnC86AAAALklEQVR4nO3NAQ0AAAgDILV/5xvDzUEBOkldmJNVLBaLxWKxWCwWi8VisVj8NF6D6wNNapkOkAAAAABJRU5ErkJggg==";

const client = createClient<paths>({ baseUrl: PORTAL });

/** What was returned, or the refusal as an error: its sentence says what to do. */
function returned<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (data === undefined) {
    throw new Error(JSON.stringify(error));
  }
  return data;
}

/** A key of its own for each effect: repeat the call with the same one after a broken connection. */
const once = () => ({ "Idempotency-Key": crypto.randomUUID() });

async function signIn(): Promise<void> {
  const challenge = returned(await client.POST("/api/v1/sign-in/codes", { body: { curp: CURP } }));
  const tokens = returned(
    await client.POST("/api/v1/sign-in/tokens", { body: { challenge_id: challenge.challenge_id, code: CODE } }),
  );
  const bearer: Middleware = {
    onRequest: ({ request }) => request.headers.set("Authorization", `Bearer ${tokens.access_token}`),
  };
  client.use(bearer);
}

async function book(): Promise<components["schemas"]["AppointmentOut"]> {
  const free = returned(await client.GET("/api/v1/availability", { params: { query: { service: SERVICE } } }));
  const day = free.days[0]!.day;
  const { times } = returned(
    await client.GET("/api/v1/availability/{day}", { params: { path: { day }, query: { service: SERVICE } } }),
  );
  const [first, , later] = times;
  const hold = returned(
    await client.POST("/api/v1/holds", {
      params: { header: once() },
      body: { unit_id: free.unit_id, service: SERVICE, room: first!.room, start_at: first!.start_at },
    }),
  );
  const booked = await client.POST("/api/v1/appointments", {
    params: { header: once() },
    body: { hold_id: hold.id },
  });
  const { folio } = returned(booked);
  return returned(
    await client.POST("/api/v1/appointments/{folio}/move", {
      params: { path: { folio }, header: { ...once(), "If-Match": booked.response.headers.get("ETag")! } },
      body: { room: later!.room, start_at: later!.start_at },
    }),
  );
}

async function requestCorrection(): Promise<components["schemas"]["RequestDetailOut"]> {
  const draft = returned(
    await client.POST("/api/v1/requests", {
      params: { header: once() },
      body: { service: "data-correct", answers: { field: "name", second_surname: "Muñoz" } },
    }),
  );
  const path = { folio: draft.folio };
  const bytes = Uint8Array.from(atob(PICTURE), (letter) => letter.charCodeAt(0));
  for (const { kind } of draft.required_documents) {
    returned(
      await client.POST("/api/v1/requests/{folio}/documents", {
        params: { path, header: once() },
        body: { kind, file: "" }, // a file of a form is a text for openapi-typescript; the serializer sends the bytes
        bodySerializer: (body) => {
          const form = new FormData();
          form.set("kind", body.kind);
          form.set("file", new Blob([bytes], { type: "image/png" }), "documento.png");
          return form;
        },
      }),
    );
  }
  const { response } = await client.GET("/api/v1/requests/{folio}", { params: { path } });
  return returned(
    await client.POST("/api/v1/requests/{folio}/submit", {
      params: { path, header: { ...once(), "If-Match": response.headers.get("ETag")! } },
    }),
  );
}

async function certificate(): Promise<string> {
  const decided = returned(
    await client.POST("/api/v1/requests", { params: { header: once() }, body: { service: "vigencia" } }),
  );
  const file = returned(
    await client.GET("/api/v1/requests/{folio}/certificate", {
      params: { path: { folio: decided.folio } },
      parseAs: "arrayBuffer",
    }),
  );
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", file));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function metric(): Promise<number[]> {
  const sizes: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.GET("/api/v1/metrics/{metric}", {
      params: {
        path: { metric: "completion" },
        query: { since: "2025-01-01", until: "2025-12-31", group_by: ["service"], limit: 1, cursor },
      },
    });
    const table = returned(page);
    if (typeof table === "string") {
      throw new Error("CSV, which was not asked for");
    }
    sizes.push(...table.rows.map((row) => row.n ?? 0));
    cursor = nextCursor(page.response);
  } while (cursor !== undefined);
  return sizes;
}

/** The cursor of the next page: lists name its address in the Link header. */
function nextCursor(response: Response): string | undefined {
  const next = /<([^>]*)>; *rel="next"/.exec(response.headers.get("Link") ?? "");
  return next ? (new URL(next[1]!, PORTAL).searchParams.get("cursor") ?? undefined) : undefined;
}

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
