// A conversation: it stays at its end while new messages come, is marked as seen when somebody looks, and takes a saved text.
const box = () => document.getElementById("talk-lines");
let pinned = true;

function settle() {
  const lines = box();
  if (!lines) return;
  if (pinned) lines.scrollTop = lines.scrollHeight;
  lines.onscroll = () => { pinned = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 60; };
  see(lines);
}

function see(lines) {
  const list = lines.querySelector("[data-last]");
  if (document.hidden || !list || list.dataset.unreadHere === "0") return;
  list.dataset.unreadHere = "0";
  const form = new FormData();
  form.set("until", list.dataset.last);
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  fetch(lines.dataset.seen, { method: "POST", body: form, headers: { "X-CSRFToken": token }, keepalive: true }).catch(() => null);
}

document.addEventListener("change", (event) => {
  const saved = event.target.closest?.("[data-saved-text]");
  if (!saved?.value) return;
  const text = document.getElementById("say-body");
  text.value = saved.value;
  text.focus();
  saved.value = "";
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches?.("[data-say]")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
document.addEventListener("htmx:afterSettle", (event) => {
  const sent = event.target.id === "talk" || event.detail.target?.id === "talk";
  if (sent) { pinned = true; document.getElementById("say-body")?.focus(); }
  settle();
});
document.addEventListener("visibilitychange", () => { const lines = box(); if (lines) see(lines); });
settle();
