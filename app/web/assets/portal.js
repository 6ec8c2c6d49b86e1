// Registers the portal's worker, once the page is there. A device that was prepared for the day sheet has that sheet's worker,
// and keeps it: there is one worker for an address.
const { worker } = document.currentScript.dataset;

async function register() {
  const found = await navigator.serviceWorker.getRegistration("/");
  const other = found && found.scope === `${location.origin}/` && (found.active || found.installing || found.waiting);
  if (other && new URL(other.scriptURL).pathname !== worker) return;
  await navigator.serviceWorker.register(worker, { scope: "/", updateViaCache: "none" });
}

if ("serviceWorker" in navigator) addEventListener("load", () => register().catch(() => {}));
