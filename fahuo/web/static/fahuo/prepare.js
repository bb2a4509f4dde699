// Before printing: a choice that changes what would happen draws the page anew, with everything that was chosen.
const form = document.getElementById("prepare");
form.addEventListener("change", (event) => {
  if (!event.target.matches("[data-redraw]")) return;
  form.action = form.dataset.again;
  form.noValidate = true;
  form.submit();
});
