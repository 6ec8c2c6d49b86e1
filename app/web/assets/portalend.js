// Takes the place of the portal's worker where it was turned off: deletes what it stored in this browser, and itself.
const end = async () => {
  const names = (await caches.keys()).filter((name) => name === "passes" || name.startsWith("portal-"));
  await Promise.all(names.map((name) => caches.delete(name)));
  await self.registration.unregister();
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(end()));
