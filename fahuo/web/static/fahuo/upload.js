// A file goes up with progress; a refusal comes back to where the file was chosen.
const words = JSON.parse(document.getElementById("words").textContent);

function size(bytes) {
  return bytes < 1048576 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

// The answer was read by this script, the page that is opened next reads it anew: what it said is kept until then.
function open(request) {
  const answer = new DOMParser().parseFromString(request.responseText, "text/html");
  const said = [...answer.querySelectorAll("#toasts .toast")].map((toast) => ({
    text: toast.querySelector("p").textContent,
    tone: toast.classList.contains("toast-bad") ? "bad" : "good",
    undo: toast.querySelector("form")?.getAttribute("action") || "",
  }));
  if (said.length) sessionStorage.setItem("fahuo.said", JSON.stringify(said));
  location.assign(request.responseURL);
}

function wire(form) {
  const field = form.querySelector('input[type="file"]');
  const part = (name) => form.querySelector(`[data-upload-${name}]`);
  const bar = form.querySelector("progress");

  const chosen = () => {
    part("file").hidden = !field.files.length;
    part("file").textContent = [...field.files].map((file) => `${file.name} · ${size(file.size)}`).join("\n");
    part("problem").replaceChildren();
  };
  const refuse = (text, type) => {
    part("progress").hidden = true;
    part("send").disabled = false;
    const page = type === "html" ? new DOMParser().parseFromString(text, "text/html").querySelector(".problems") : null;
    if (page) part("problem").replaceChildren(document.adoptNode(page));
    else document.dispatchEvent(new CustomEvent("toast", { detail: { text: type === "html" ? words.no_answer : text, tone: "bad" } }));
    part("problem").firstElementChild?.focus();
  };

  field.addEventListener("change", () => { chosen(); if (field.files[0] && form.dataset.upload === "now") form.requestSubmit(); });
  for (const event of ["dragenter", "dragover"]) form.addEventListener(event, (drag) => { drag.preventDefault(); form.classList.add("is-over"); });
  for (const event of ["dragleave", "drop"]) form.addEventListener(event, () => form.classList.remove("is-over"));
  form.addEventListener("drop", (drop) => {
    drop.preventDefault();
    if (drop.dataTransfer.files.length) { field.files = drop.dataTransfer.files; chosen(); }
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const request = new XMLHttpRequest();
    request.open("POST", event.submitter?.getAttribute("formaction") || form.getAttribute("action"));
    request.upload.addEventListener("progress", (sent) => {
      const share = Math.floor((sent.loaded / sent.total) * 100);
      bar.value = share;
      part("text").textContent = share < 100 ? words.uploading.replace("{p}", share) : words.uploaded;
    });
    request.addEventListener("load", () => (request.status < 400 ? open(request) : refuse(request.responseText, "html")));
    request.addEventListener("error", () => refuse(words.offline, "text"));
    part("send").disabled = true;
    part("progress").hidden = false;
    request.send(new FormData(form));
  });
}

for (const form of document.querySelectorAll("form[data-upload]")) wire(form);
document.addEventListener("htmx:afterSwap", (event) => {
  for (const form of document.getElementById(event.detail.target.id)?.querySelectorAll("form[data-upload]") || []) wire(form);
});
