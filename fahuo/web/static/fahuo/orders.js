// The order list and the order: a row is drawn anew after its order changed, and a fitting carrier is taken on a click.
async function redraw(id) {
  const row = document.getElementById(`row-${id}`);
  if (!row) return;
  const tab = new URLSearchParams(window.fahuoList || location.search).get("tab") || "awaiting";
  const base = location.pathname.replace(/orders\/.*$/, "orders/");
  const answer = await fetch(`${base}${id}/row/?tab=${tab}`).catch(() => null);
  if (!answer?.ok) return;
  const body = document.createElement("tbody");
  body.innerHTML = await answer.text();
  const fresh = body.querySelector("tr");
  if (!fresh) return;
  if (row.classList.contains("is-current")) fresh.classList.add("is-current");
  const held = row.contains(document.activeElement);
  row.replaceWith(fresh);
  window.htmx?.process(fresh);
  if (held) fresh.querySelector("a[data-drawer]")?.focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("htmx:afterSettle"));
}

// The list's own address is gone from the bar while the drawer is open: keep what it asked for.
if (/\/orders\/$/.test(location.pathname)) window.fahuoList = location.search;
document.addEventListener("order", (event) => redraw(event.detail.id));

document.addEventListener("click", (event) => {
  const offer = event.target.closest("[data-carrier]");
  if (!offer) return;
  const form = offer.closest("form");
  form.querySelector("[name=carrier]").value = offer.dataset.carrier;
  offer.closest(".waybill-check").replaceChildren();
  form.querySelector(".ship-go").focus();
});

// s on a row opens it: its form has the focus already. On the order itself it goes to the number.
document.addEventListener("keydown", (event) => {
  if (event.key !== "s" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select") || localStorage.getItem("fahuo.keys") === "off") return;
  const number = document.getElementById("waybill");
  if (number?.offsetParent) { event.preventDefault(); number.focus(); number.select(); event.stopImmediatePropagation(); return; }
  if (document.querySelector(".batch-bar.is-on")) return;
  const link = document.querySelector("tr.is-current a[data-drawer]");
  if (link) { event.preventDefault(); event.stopImmediatePropagation(); link.click(); }
});
