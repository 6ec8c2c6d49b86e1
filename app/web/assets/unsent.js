// On a device that was prepared for the day sheet: what was recorded there and isn't sent is said on every page of staff,
// signed in or not. Only the sheet sends it.
const notice = document.querySelector("[data-unsent]");
const { units } = notice.dataset;
const tell = (name, entries) => {
  const line = notice.querySelector(`[data-of=${name}]`);
  if (!line) return;
  line.hidden = !entries.length;
  line.querySelector("[data-count]").textContent = entries.length;
  const link = line.querySelector("a");
  if (link && entries.length) link.search = `?unidad=${entries[0].unit}`;
};

const count = () => {
  const asked = indexedDB.open("agenda", 1);
  asked.onupgradeneeded = () => asked.transaction.abort();
  asked.onsuccess = () => {
    const found = asked.result.transaction("entries").objectStore("entries").getAll();
    found.onsuccess = () => {
      asked.result.close();
      const isOurs = (one) => units === "*" || units.split(" ").includes(one.unit);
      tell("all", found.result);
      tell("ours", found.result.filter(isOurs));
      tell("others", found.result.filter((one) => !isOurs(one)));
      notice.hidden = !found.result.length;
    };
  };
};
// Also when a page is shown again that was left.
window.addEventListener("pageshow", count);
