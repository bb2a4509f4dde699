// What happened, said on the spot. The server says it with the header HX-Trigger: {"toast": {text, tone, undo}};
// other scripts with document.dispatchEvent(new CustomEvent("toast", {detail: {text, tone, undo}})).
const words = JSON.parse(document.getElementById("words").textContent);
const region = document.getElementById("toasts");
const STAY = { good: 6000, quiet: 4000, bad: 0 };

function csrf() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

function undoButton(toast, address) {
  const button = document.createElement("button");
  button.className = "link";
  button.textContent = words.undo;
  button.addEventListener("click", async () => {
    button.disabled = true;
    const answer = await fetch(address, { method: "POST", headers: { "X-CSRFToken": csrf() } }).catch(() => null);
    if (answer && answer.ok) location.reload();
    else show({ text: answer ? words.no_answer : words.offline, tone: "bad" });
    toast.remove();
  });
  return button;
}

function leaveLater(toast, milliseconds) {
  if (!milliseconds) return;
  let timer = setTimeout(() => toast.remove(), milliseconds);
  for (const event of ["mouseenter", "focusin"]) toast.addEventListener(event, () => clearTimeout(timer));
  toast.addEventListener("mouseleave", () => { timer = setTimeout(() => toast.remove(), milliseconds); });
}

function show({ text, tone = "good", undo = "" }) {
  const toast = document.createElement("div");
  toast.className = `toast toast-${tone}`;
  toast.append(document.getElementById(tone === "bad" ? "toast-bad" : "toast-good").content.cloneNode(true));
  const line = document.createElement("p");
  line.textContent = text;
  toast.append(line);
  if (undo) toast.append(undoButton(toast, undo));
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.setAttribute("aria-label", words.close);
  close.dataset.toastClose = "";
  close.textContent = "×";
  toast.append(close);
  region.append(toast);
  while (region.childElementCount > 3) region.firstElementChild.remove();
  leaveLater(toast, undo ? 12000 : STAY[tone] ?? 6000);
}

document.addEventListener("toast", (event) => show(event.detail));
// What an answer said that a script had read before this page was opened (upload.js).
for (const said of JSON.parse(sessionStorage.getItem("fahuo.said") || "[]")) show(said);
sessionStorage.removeItem("fahuo.said");
region.addEventListener("click", (event) => event.target.closest("[data-toast-close]")?.closest(".toast").remove());
for (const toast of region.querySelectorAll(".toast:not(.toast-bad)")) leaveLater(toast, toast.querySelector("form") ? 12000 : 6000);

document.addEventListener("htmx:responseError", (event) => {
  const said = event.detail.xhr.getResponseHeader("HX-Trigger") || "";
  if (!said.includes('"toast"')) show({ text: words.no_answer, tone: "bad" });
});
document.addEventListener("htmx:sendError", () => show({ text: words.offline, tone: "bad" }));
