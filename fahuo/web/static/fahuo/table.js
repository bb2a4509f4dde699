// Picking rows: one by one, a stretch with Shift, the page, or all that match; remembered in this tab, for this table and filter.
const words = JSON.parse(document.getElementById("words").textContent);
// An act on the picked rows that led on to another page was done: what was picked for it is put down. A refusal stays at
// the act's own address, and keeps them.
const acted = JSON.parse(sessionStorage.getItem("fahuo.acted") || "null");
if (acted && acted.act !== location.pathname) sessionStorage.removeItem(acted.place);
sessionStorage.removeItem("fahuo.acted");

const table = document.querySelector("table[data-table].has-picks");
const bar = document.querySelector("[data-batch-bar]");

if (table && bar) {
  const filter = new URLSearchParams(location.search);
  filter.delete("cursor");
  const place = `picked:${location.pathname}:${table.dataset.table}:${filter}`;
  const matching = table.dataset.matching ? Number(table.dataset.matching) : null;
  const boxes = () => [...document.querySelectorAll("[data-pick]")];
  const whole = () => document.querySelector("[data-pick-all]");
  let picked = new Set(JSON.parse(sessionStorage.getItem(place) || "[]"));
  let everything = false;
  let anchor = null;

  const draw = () => {
    const all = boxes();
    for (const box of all) {
      box.checked = everything || picked.has(box.value);
      box.closest("tr").classList.toggle("is-picked", box.checked);
    }
    const here = all.filter((box) => box.checked).length;
    if (whole()) {
      whole().checked = here > 0 && here === all.length;
      whole().indeterminate = here > 0 && here < all.length;
    }
    const count = everything ? matching : picked.size;
    bar.classList.toggle("is-on", count > 0);
    bar.querySelector("[data-picked]").textContent =
      words[everything ? "all_selected" : "selected"].replace("{n}", count.toLocaleString("en"));
    const more = bar.querySelector("[data-pick-matching]");
    if (more) more.hidden = everything || matching === null || here < all.length || matching <= picked.size;
    sessionStorage.setItem(place, JSON.stringify([...picked]));
    document.dispatchEvent(new CustomEvent("picked", { detail: { ids: [...picked], everything, count } }));
  };

  const put = (box, on) => (on ? picked.add(box.value) : picked.delete(box.value));
  const settle = () => {
    if (everything) picked = new Set(boxes().map((box) => box.value));
    everything = false;
  };

  document.addEventListener("click", (event) => {
    const box = event.target.closest?.("[data-pick]");
    if (box) {
      const on = box.checked;
      settle();
      const all = boxes();
      const [from, to] = [all.findIndex((other) => other.value === anchor), all.indexOf(box)];
      if (event.shiftKey && from >= 0) {
        for (const other of all.slice(Math.min(from, to), Math.max(from, to) + 1)) put(other, on);
      } else put(box, on);
      anchor = box.value;
      draw();
    } else if (event.target.closest?.("[data-pick-all]")) {
      const on = whole().checked;
      settle();
      for (const other of boxes()) put(other, on);
      draw();
    } else if (event.target.closest?.("[data-pick-matching]")) {
      everything = true;
      draw();
    } else if (event.target.closest?.("[data-pick-none]")) {
      picked = new Set();
      everything = false;
      draw();
    }
  });
  // A Shift-click on a row's label would select text instead of rows.
  document.addEventListener("mousedown", (event) => event.shiftKey && event.target.closest(".c-pick") && event.preventDefault());

  document.addEventListener("formdata", (event) => {
    if (event.target !== bar) return;
    event.formData.delete("id");
    if (everything) event.formData.set("all", "1");
    else event.formData.set("ids", [...picked].join(","));
  });
  bar.addEventListener("submit", (event) => {
    const by = event.submitter;
    if (by?.hasAttribute("data-keeps-picks")) return;
    const act = new URL(by?.formAction || bar.action).pathname;
    sessionStorage.setItem("fahuo.acted", JSON.stringify({ place, act }));
  });
  // Back to a page the browser had kept: it is drawn from what is picked now.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    if (sessionStorage.getItem("fahuo.acted")) { sessionStorage.removeItem("fahuo.acted"); sessionStorage.removeItem(place); }
    picked = new Set(JSON.parse(sessionStorage.getItem(place) || "[]"));
    everything = false;
    draw();
  });
  document.addEventListener("htmx:afterSettle", draw);
  document.addEventListener("unpick", () => { picked = new Set(); everything = false; draw(); });
  draw();
}
