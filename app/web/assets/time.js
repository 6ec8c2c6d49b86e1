// Two minutes before the time of a form ends, say so; more time is asked for without leaving the page.
for (const box of document.querySelectorAll("[data-seconds]")) {
  const notice = box.querySelector("[role=alert]");
  const button = box.querySelector("button");
  let timer;
  let byHand = false;
  const plan = () => {
    clearTimeout(timer);
    timer = setTimeout(() => { notice.textContent = box.dataset.warning; }, (box.dataset.seconds - 120) * 1000);
  };
  button?.addEventListener("click", async (event) => {
    if (byHand) return;
    event.preventDefault();
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(button.form)) {
      if (typeof value === "string") fields.append(name, value);
    }
    fields.set("again", "yes");
    try {
      const answer = await fetch(button.formAction, { method: "POST", body: fields });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-seconds]");
      box.dataset.seconds = fresh.dataset.seconds;
      box.querySelector("time").replaceWith(fresh.querySelector("time"));
      notice.textContent = "";
      plan();
    } catch {
      byHand = true;
      button.click();
    }
  });
  plan();
}
