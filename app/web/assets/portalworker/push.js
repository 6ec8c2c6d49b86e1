// Shows the notices that the portal sends: a text, the same for everyone, and the page that it opens, which asks for signing
// in. Of two with one tag the browser shows one.

const read = (data) => {
  try {
    return data.json();
  } catch {
    return {};
  }
};

const shown = ({ title, url, tag, lang }) =>
  self.registration.showNotification(String(title || "Ventanilla"), {
    tag: String(tag || "portal"),
    lang: String(lang || "es"),
    data: { url: String(url || "/mi") },
  });

// Only a page of the portal is opened, whatever a notice says.
const open = async (url) => {
  const address = new URL(url, self.location.origin);
  const page = address.origin === self.location.origin ? address.href : self.location.origin;
  const windows = await self.clients.matchAll({ type: "window" });
  const there = windows.find((one) => one.url === page);
  return there ? there.focus() : self.clients.openWindow(page);
};

// The browser replaced its address: the portal takes the new one from who knows the old one.
const renew = async (event) => {
  const old = event.oldSubscription;
  if (!old) return;
  const made = event.newSubscription || (await self.registration.pushManager.subscribe(old.options));
  const { endpoint, keys } = made.toJSON();
  await fetch("/api/v1/push-subscriptions/renewals", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ old_endpoint: old.endpoint, endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } }),
  });
};

self.addEventListener("push", (event) => event.waitUntil(shown(event.data ? read(event.data) : {})));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.url));
});
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));
