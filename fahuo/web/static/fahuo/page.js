// Small habits of every page: copy on click, menus and dialogs, filters that send themselves, questions before an act, uploads.
const words = JSON.parse(document.getElementById("words").textContent);
const toast = (text, tone) => document.dispatchEvent(new CustomEvent("toast", { detail: { text, tone } }));

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    event.preventDefault();
    try {
      await navigator.clipboard.writeText(copy.dataset.copy);
      toast(`${words.copied} ${copy.dataset.copy}`, "quiet");
    } catch {
      toast(words.not_copied, "bad");
    }
    return;
  }
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.dialog)?.showModal();
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target.matches("dialog")) event.target.close();
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target) || opener) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
  event.stopImmediatePropagation();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// The button that was pressed may be gone with what it settled: the focus goes to where that is told, not to nowhere.
document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement === document.body) [...document.querySelectorAll("[data-landing]")].pop()?.focus();
});

// A field that was refused is no longer wrong once it is changed.
document.addEventListener("input", (event) => {
  event.target.removeAttribute("aria-invalid");
  event.target.closest(".has-error")?.classList.remove("has-error");
});

// An act that asks first: <button data-ask="…">; the browser's own question is readable everywhere and keeps focus.
document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-ask]");
  if (act && !confirm(act.dataset.ask)) {
    event.preventDefault();
    event.stopPropagation();
  }
}, true);

// Empty fields of a filter leave no trace in the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("[data-filters]")) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});
for (const form of document.querySelectorAll("form[data-filters]")) {
  form.addEventListener("submit", () => {
    for (const field of form.querySelectorAll("input, select")) if (!field.value) field.disabled = true;
    setTimeout(() => { for (const field of form.querySelectorAll(":disabled")) field.disabled = false; });
  });
}

// On a phone the rail is wider than the screen: where one is stands in view.
document.querySelector(".rail-list [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
