// A row opens in a drawer over its list, with its own address; closing returns to the row: same scroll, same selection, same focus.
const drawer = document.getElementById("drawer");
const body = document.getElementById("drawer-body");
const list = location.href;
let opener = null;
let address = null;

const opened = () => !drawer.hidden;
const links = () => [...document.querySelectorAll("a[data-drawer]")];

async function load(url) {
  address = url;
  drawer.classList.add("is-loading");
  drawer.querySelector("[data-drawer-full]").href = url;
  await window.htmx.ajax("GET", url, { target: body, swap: "innerHTML" });
  drawer.classList.remove("is-loading");
  body.scrollTop = 0;
}

async function open(link) {
  const url = link.href;
  const state = { drawer: url };
  if (opened()) history.replaceState(state, "", url);
  else history.pushState(state, "", url);
  opener = link;
  drawer.hidden = false;
  mark(link);
  await load(url);
  if (address === url) (body.querySelector("[autofocus]") || body).focus({ preventScroll: true });
}

function mark(link) {
  for (const row of document.querySelectorAll("tr.is-current")) row.classList.remove("is-current");
  link?.closest("tr")?.classList.add("is-current");
}

function shut() {
  drawer.hidden = true;
  body.replaceChildren();
  address = null;
  // The row may have been drawn anew meanwhile: find it by its address.
  const link = opener && (opener.isConnected ? opener : links().find((other) => other.href === opener.href));
  mark(link);
  link?.focus({ preventScroll: true });
  link?.scrollIntoView({ block: "nearest" });
  opener = null;
}

function close() {
  if (!opened()) return;
  if (history.state?.drawer) history.back();
  else {
    history.replaceState(null, "", list);
    shut();
  }
}

function step(by) {
  const all = links();
  const at = all.findIndex((link) => link.href === address);
  const next = all[at + by];
  if (next) open(next);
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("a[data-drawer]");
  if (link) {
    event.preventDefault();
    open(link);
  } else if (event.target.closest("[data-drawer-close]")) close();
  const move = event.target.closest("[data-drawer-step]");
  if (move) step(Number(move.dataset.drawerStep));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !opened() || document.querySelector("dialog[open]")) return;
  const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select");
  if (typing && typing.value) { typing.blur(); body.focus({ preventScroll: true }); } else close();
}, true);

// j and k go on while the drawer is open, and the drawer follows the row.
document.addEventListener("row", (event) => {
  const link = event.detail.row.querySelector("a[data-drawer]");
  if (opened() && link && link.href !== address) open(link);
});

window.addEventListener("popstate", (event) => {
  if (event.state?.drawer) {
    event.stopImmediatePropagation();
    const link = links().find((other) => other.href === event.state.drawer);
    drawer.hidden = false;
    opener = link || opener;
    mark(link);
    load(event.state.drawer);
  } else if (opened()) {
    event.stopImmediatePropagation();
    shut();
  }
}, true);

document.addEventListener("drawer:close", close);
