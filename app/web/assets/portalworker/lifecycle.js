// The portal's worker is made of the files of this folder, each in a block of its own, in the order of their names; before
// them stand `VERSION`, which changes with any asset of the pages, and `portal`, for what one file offers to another. A new
// version takes the place of the old one at once, and deletes what it stored for itself: caches that begin with `portal-`.
// See docs/pass.md.
const OWN = "portal-";

const clear = async () => {
  const old = (await caches.keys()).filter((name) => name.startsWith(OWN) && name !== OWN + VERSION);
  await Promise.all(old.map((name) => caches.delete(name)));
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(clear().then(() => self.clients.claim())));
