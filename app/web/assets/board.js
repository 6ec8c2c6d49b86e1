// The board of a waiting room: the state whenever it changes, calls shown and spoken one after another, and a plain
// word when the connection is cut. It reads the stream with fetch, because EventSource hides the heartbeats.
const board = document.querySelector("[data-events]"), words = board.dataset;
const part = (name) => document.querySelector(`[data-${name}]`);
const [calls, waiting, updated, cutOff, missed, sound] =
  ["calls", "waiting", "status", "cut-off", "missed-text", "sound"].map(part);
const SILENCE = 25000, PATIENCE = 5000, LEAST = 5, MOST = 12, RECENT = 120000;
const clock = new Intl.DateTimeFormat(words.language, { hour: "numeric", minute: "2-digit", timeZone: words.zone });
// By the server's clock: that of a screen on a wall is often wrong.
const opened = Date.parse(words.now) - performance.now(), now = () => opened + performance.now();
const keyOf = (call) => `${call.number}/${call.times}`;
const known = new Set([...calls.children].map((item) => item.dataset.key));
const toSay = [];
let last = words.last, heardAt = now(), isOpen = false, isCut = false, saying = "", audio;

function counterOf(call) {
  const kind = call.kind || "";
  const name = words[`counter${kind.charAt(0).toUpperCase()}${kind.slice(1)}`] || words.default;
  return `${name} ${call.counter}`;
}

function item(call) {
  const there = [...calls.children].find((one) => one.dataset.key === keyOf(call));
  const made = there || part("call").content.firstElementChild.cloneNode(true);
  const [number, counter, time] = made.querySelectorAll("span");
  number.textContent = call.number;
  counter.textContent = counterOf(call);
  time.textContent = clock.format(new Date(call.called_at));
  made.dataset.key = keyOf(call);
  made.classList.toggle("v-call--open", call.is_open);
  made.classList.toggle("v-call--now", saying === keyOf(call));
  return made;
}

function show(state) {
  const fresh = state.calls.filter((call) => !known.has(keyOf(call)));
  const recent = (call) => call.is_open && now() - new Date(call.called_at) < RECENT;
  const shown = state.calls.filter((call, place) => place < LEAST || fresh.includes(call) || recent(call));
  calls.replaceChildren(...shown.slice(0, MOST).map(item));
  part("none").hidden = state.calls.length > 0;
  waiting.replaceChildren(...state.waiting.map((queue) => {
    const made = part("queue").content.firstElementChild.cloneNode(true);
    const [letter, count] = made.querySelectorAll("span");
    letter.textContent = queue.letter;
    count.textContent = queue.waiting;
    return made;
  }));
  if (isCut && fresh.length) {
    missed.textContent = `${words.missed} ${fresh.map((call) => `${call.number} (${counterOf(call)})`).join(", ")}`;
    missed.hidden = false;
    setTimeout(() => { missed.hidden = true; }, 60000);
  }
  for (const call of fresh.reverse()) {
    known.add(keyOf(call));
    if (call.is_open) toSay.push(call);
  }
  sayNext();
}

function beep() {
  if (!audio || audio.state !== "running") return;
  [660, 880].forEach((pitch, place) => {
    const tone = audio.createOscillator(), volume = audio.createGain(), at = audio.currentTime + place * 0.25;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.3, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.4);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.4);
  });
}

function speak(call) {
  const language = words.language.slice(0, 2), voices = window.speechSynthesis?.getVoices() || [];
  const voice = voices.find((one) => one.lang.replace("_", "-") === words.language)
    || voices.find((one) => one.lang.startsWith(language));
  const [letter, number] = call.number.split("-");
  const text = `${words.spoken} ${letter} ${Number(number)}${call.times > 1 ? `, ${words.again}` : ""}. ${counterOf(call)}.`;
  board.dispatchEvent(new CustomEvent("said", { detail: text }));
  return new Promise((done) => {
    setTimeout(done, voice ? 12000 : 2500);
    if (!voice) return;
    const speech = Object.assign(new SpeechSynthesisUtterance(text), { voice, lang: voice.lang, rate: 0.9 });
    speech.onend = speech.onerror = done;
    setTimeout(() => speechSynthesis.speak(speech), 700);
  });
}

async function sayNext() {
  if (saying) return;
  const mark = () => {
    for (const one of calls.children) one.classList.toggle("v-call--now", one.dataset.key === saying);
  };
  while (toSay.length) {
    const call = toSay.shift();
    saying = keyOf(call);
    mark();
    beep();
    await speak(call);
    saying = "";
    mark();
  }
}

function heard() {
  heardAt = now();
  updated.textContent = `${words.updated} ${clock.format(heardAt)}`;
}

function look() {
  const silent = now() - heardAt, wasCut = isCut;
  isCut = silent > SILENCE || (!isOpen && silent > PATIENCE);
  if (isCut && !wasCut) part("cut-text").textContent = `${words.cut} ${clock.format(heardAt)}`.replace(/[^.]$/, "$&.");
  cutOff.hidden = !isCut;
  updated.hidden = isCut;
  for (const one of document.querySelectorAll("[data-live]")) one.hidden = isCut;
}

async function read(stop) {
  const headers = { Accept: "text/event-stream", ...(last && { "Last-Event-ID": last }) };
  const answer = await fetch(words.events, { headers, signal: stop.signal, cache: "no-store" });
  if (!answer.ok) return;
  const reader = answer.body.getReader(), decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split("\n"), field = (name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = field("data");
      if (data) show(JSON.parse(data));
      last = field("id") || last;
      // Only a state or a heartbeat ends a cut: the line that opens a stream comes before what was missed.
      if (data || block.startsWith(":")) {
        isOpen = true;
        heard();
        look();
      }
    }
  }
}

async function follow() {
  let wasOpen = false;
  for (let pause = 500; ; pause = wasOpen ? 500 : Math.min(pause * 2, 8000)) {
    const stop = new AbortController(), began = now();
    const watch = setInterval(() => {
      if (now() - Math.max(heardAt, began) > SILENCE) stop.abort();
    }, 1000);
    try { await read(stop); } catch { /* look() says so */ }
    clearInterval(watch);
    wasOpen = isOpen;
    isOpen = false;
    await new Promise((go) => { setTimeout(go, pause * (0.5 + Math.random())); });
  }
}

// The forecasts change slowly: they are read with the page, once a minute.
async function readWaits() {
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html"), fresh = page.querySelector("[data-waits]");
    if (fresh) part("waits").replaceChildren(...fresh.children);
  } catch { /* look() says that there is no connection */ }
}
setInterval(readWaits, 60000);

const Sound = window.AudioContext || window.webkitAudioContext;
if (Sound) {
  audio = new Sound();
  sound.hidden = audio.state === "running";
  sound.addEventListener("click", async () => { await audio.resume(); sound.hidden = true; beep(); });
}
navigator.wakeLock?.request("screen").catch(() => {});
setInterval(look, 1000);
if (window.ReadableStream) follow(); else setTimeout(() => location.reload(), 10000);
