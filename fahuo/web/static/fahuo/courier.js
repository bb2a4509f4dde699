// A courier's list: tick one, tick all, and say how many are ticked. A file that comes down leaves the ticks as they are.
const form = document.querySelector("[data-many]");
const boxes = () => [...form.querySelectorAll("input[name=id]:not(:disabled)")];

function told() {
  const ticked = boxes().filter((box) => box.checked).length;
  const all = form.querySelector("[data-all]");
  if (all) {
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
  }
  for (const place of form.querySelectorAll("[data-count]")) place.textContent = ticked || "";
}

if (form) {
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) for (const box of boxes()) box.checked = event.target.checked;
    told();
  });
  addEventListener("pageshow", told);
  told();
}
