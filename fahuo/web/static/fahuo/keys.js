// Hands on keys: / search, j k move, x pick, Enter open, s ship, p print, ? help. Any [data-key="…"] element answers to its key.
const HOLD = 45; // a scanner types faster than this (ms); what comes in such a burst is no shortcut
const SWITCH = "fahuo.keys";
const enabled = () => localStorage.getItem(SWITCH) !== "off";
const rows = () => [...document.querySelectorAll("tr[data-row]")];
const current = () => document.querySelector("tr.is-current");
let waiting = 0;

function go(row) {
  if (!row) return;
  current()?.classList.remove("is-current");
  row.classList.add("is-current");
  (row.querySelector("a[href]") || row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  document.dispatchEvent(new CustomEvent("row", { detail: { row } }));
}

function step(by) {
  const all = rows();
  const at = all.indexOf(current());
  go(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))]);
}

function press(key) {
  const visible = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].filter((found) => found.offsetParent);
  const drawer = document.getElementById("drawer");
  const target = visible.find((found) => drawer?.contains(found)) || visible[0];
  target?.click();
}

function act(key) {
  if (key === "/") {
    const box = document.querySelector("[data-search]") || document.querySelector("[data-find-box]");
    box?.focus();
    box?.select();
  } else if (key === "?") document.getElementById("help")?.showModal();
  else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
  else if (key === "x") current()?.querySelector("[data-pick]")?.click();
  else press(key);
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  if (event.key === "Escape" && typing) { typing.blur(); return; }
  if (typing || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && event.target === document.body) { current()?.querySelector("a[href]")?.click(); return; }
  if (event.key.length !== 1 || !enabled()) return;
  if (event.key === "/" || event.key === "?") event.preventDefault();
  clearTimeout(waiting);
  if (event.repeat) act(event.key);
  else waiting = setTimeout(act, HOLD, event.key);
});
document.addEventListener("scan", () => clearTimeout(waiting));

document.addEventListener("focusin", (event) => {
  const row = event.target.closest("tr[data-row]");
  if (row && row !== current()) {
    current()?.classList.remove("is-current");
    row.classList.add("is-current");
  }
});

const box = document.querySelector("[data-keys-switch]");
if (box) {
  box.checked = enabled();
  box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
}
