// The form of the API's reference: sends one operation to this portal and shows what it answers. Nothing is stored.
"use strict";
(() => {
  const place = document.getElementById("try");
  const part = (name) => document.getElementById(`try-${name}`);
  const [send, stop, status, answer, file] = ["send", "stop", "status", "answer", "file"].map(part);
  const media = document.currentScript.dataset.media;
  const MOST = 200000;
  let ending = null;

  const boxes = [...place.querySelectorAll("[data-name]")];
  const filled = (one) => (one.type === "file" ? one.files.length > 0 : one.value !== "");
  const at = (where) => boxes.filter((one) => one.dataset.place === where && filled(one));

  for (const one of boxes) {
    if (one.dataset.name === "Idempotency-Key" && window.crypto.randomUUID) one.value = crypto.randomUUID();
  }
  place.hidden = false;

  function address() {
    const path = place.dataset.path.replace(/{(\w+)}/g, (_whole, name) =>
      encodeURIComponent(at("path").find((one) => one.dataset.name === name)?.value ?? ""));
    const found = new URL(path, location.origin);
    for (const one of at("query")) found.searchParams.append(one.dataset.name, one.value);
    return found;
  }

  function body() {
    const text = part("body");
    if (text) {
      if (media === "application/json") JSON.parse(text.value);
      return text.value;
    }
    const form = media.startsWith("multipart/") ? new FormData() : new URLSearchParams();
    for (const one of at("body")) form.append(one.dataset.name, one.type === "file" ? one.files[0] : one.value);
    return form;
  }

  function request() {
    const headers = new Headers();
    if (part("token")?.value) headers.set("Authorization", `Bearer ${part("token").value}`);
    if (part("accept")) headers.set("Accept", part("accept").value);
    for (const one of at("header")) headers.set(one.dataset.name, one.value);
    const made = { method: place.dataset.method, headers, credentials: "omit", cache: "no-store" };
    if (media) {
      made.body = body();
      if (typeof made.body === "string") headers.set("Content-Type", media);
    }
    return made;
  }

  // As it comes: a stream has no end.
  async function show(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const head = answer.textContent;
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done || text.length > MOST) break;
      text += value;
      answer.textContent = head + text;
    }
    if (/json/.test(response.headers.get("Content-Type"))) {
      answer.textContent = head + JSON.stringify(JSON.parse(text), null, 2);
    }
  }

  function offer(blob) {
    const link = document.createElement("a");
    link.className = "govuk-link";
    link.href = URL.createObjectURL(blob);
    link.download = place.dataset.path.split("/").pop();
    link.textContent = `${place.dataset.file} (${blob.type}, ${blob.size} B)`;
    file.replaceChildren(link);
    file.hidden = false;
  }

  function refuse(sentence, box) {
    status.textContent = sentence;
    box.focus();
  }

  send.addEventListener("click", async () => {
    const missing = boxes.find((one) => "required" in one.dataset && !filled(one));
    if (missing) return refuse(`${place.dataset.missing} ${missing.dataset.name}`, missing);
    let made;
    try {
      made = request();
    } catch (error) {
      if (!(error instanceof SyntaxError)) return refuse(error.message, send);
      return refuse(`${place.dataset.text} ${error.message}`, part("body"));
    }
    file.hidden = answer.hidden = true;
    status.textContent = place.dataset.sending;
    stop.hidden = false;
    ending = new AbortController();
    const began = performance.now();
    try {
      const response = await fetch(address(), { ...made, signal: ending.signal });
      status.textContent = `${response.status} ${response.statusText} · ${Math.round(performance.now() - began)} ms`;
      answer.textContent = [...response.headers].map(([name, value]) => `${name}: ${value}\n`).join("") + "\n";
      answer.hidden = false;
      const kind = response.headers.get("Content-Type") ?? "text/plain";
      if (/^text\/|json|xml/.test(kind) && response.body) await show(response);
      else if (response.body) offer(await response.blob());
    } catch (error) {
      if (error.name !== "AbortError") status.textContent = `${place.dataset.failed} ${error.message}`;
    }
    stop.hidden = true;
  });
  stop.addEventListener("click", () => ending.abort());
})();
