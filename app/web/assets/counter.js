// How long ago a person was called, counted on while the page is open: the server wrote it first.
const opened = Date.now();
const tick = () => {
  for (const one of document.querySelectorAll("[data-ago]")) {
    const minutes = Math.floor((Number(one.dataset.ago) + (Date.now() - opened) / 1000) / 60);
    if (minutes > 0) one.textContent = one.dataset.text.replace("{}", minutes);
  }
};
setInterval(tick, 5000);
