// Turns on notices in this browser: asks for leave, subscribes at the browser's push service, and sends what that gave in the
// form of the page.
const box = document.querySelector("[data-push]");
const form = box.querySelector("form");
const ours = box.dataset.push;
const show = (state) => box.querySelectorAll("[data-state]").forEach((one) => { one.hidden = one.dataset.state !== state; });

const permission = async () => (await navigator.permissions.query({ name: "notifications" })).state;

const bytes = (text) => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// One that was made with another key of the portal, or that the portal has ended, is no use.
async function leave(registration) {
  const found = await registration.pushManager.getSubscription();
  if (found) await found.unsubscribe();
}

async function turnOn() {
  const answer = await Notification.requestPermission();
  if (answer !== "granted") return show(answer === "denied" ? "denied" : "off");
  const registration = await navigator.serviceWorker.ready;
  await leave(registration);
  const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(ours) });
  form.elements.endpoint.value = made.endpoint;
  form.elements.p256dh.value = text(made.getKey("p256dh"));
  form.elements.auth.value = text(made.getKey("auth"));
  form.elements.public_key.value = ours;
  return form.submit();
}

async function start() {
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return show("unsupported");
  const now = await permission();
  if (now === "denied") return show("denied");
  const registration = await navigator.serviceWorker.ready;
  const found = await registration.pushManager.getSubscription();
  const key = found?.options?.applicationServerKey;
  const isOurs = found && (!key || text(key) === ours);
  if ("here" in box.dataset && isOurs && now === "granted") return show("on");
  if (found && !("here" in box.dataset)) await found.unsubscribe();
  return show("off");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  turnOn().catch(() => show("failed"));
});
show("off");
start().catch(() => show("failed"));
