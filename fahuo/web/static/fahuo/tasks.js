// The answer to a task: only what the chosen plan needs is shown, and a saved text goes where it is typed.
function fit(fieldset) {
  const form = fieldset.closest("form");
  const plan = fieldset.querySelector("input:checked")?.value;
  for (const part of form.querySelectorAll("[data-for-plan]")) {
    const on = part.dataset.forPlan === plan;
    part.hidden = !on;
    for (const input of part.querySelectorAll("input")) input.disabled = !on;
  }
}

const all = () => document.querySelectorAll("[data-plan]").forEach(fit);
document.addEventListener("change", (event) => {
  const fieldset = event.target.closest?.("[data-plan]");
  if (fieldset) fit(fieldset);
  const saved = event.target.closest?.("[data-saved-text]");
  if (saved && saved.value) {
    const text = document.getElementById(saved.dataset.savedText);
    text.value = saved.value;
    text.focus();
    saved.value = "";
  }
});
document.addEventListener("htmx:afterSettle", all);
all();
