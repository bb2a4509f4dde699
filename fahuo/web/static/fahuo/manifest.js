// The count is short: what is scanned again is there; what was not scanned can be ticked as left behind, all at once.
import { play } from "./bench.js";

const form = document.querySelector("[data-bench]");
const field = form.querySelector("[data-bench-field]");
const recount = form.hasAttribute("data-recount");

const there = new Set(); // numbers that were scanned again

const rowOf = (text) => document.querySelector(`tr[data-waybill="${CSS.escape(text.trim().toUpperCase())}"]`);

function mark(row) {
  row.classList.add("is-there");
  row.querySelector("[name=missing]").checked = false;
}

document.addEventListener("bench", () => {
  for (const row of document.querySelectorAll("tr[data-waybill]")) if (recount && there.has(row.dataset.waybill)) mark(row);
});

if (recount) {
  form.addEventListener("submit", (event) => {
    const row = rowOf(field.value);
    if (!row) return; // not on the list: the server says what it is
    event.preventDefault();
    event.stopImmediatePropagation();
    there.add(row.dataset.waybill);
    mark(row);
    field.value = "";
    play("good");
  }, true);
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-recount-rest]")) return;
  for (const row of document.querySelectorAll("tr[data-waybill]")) row.querySelector("[name=missing]").checked = !row.classList.contains("is-there");
  document.getElementById("count").focus();
});
