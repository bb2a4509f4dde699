// One field takes every scan, whatever has the focus; scans wait their turn, and each answer is heard.
const words = JSON.parse(document.getElementById("words").textContent);
const form = document.querySelector("[data-bench]");
const field = form.querySelector("[data-bench-field]");
const says = document.querySelector("[data-bench-says]");
const mute = document.querySelector("[data-bench-mute]");
const MUTED = "fahuo.bench.muted";
const ECHO = 150; // ms after a scan in which a lone Enter is the scanner's own second line end
const TUNES = { good: [[880, 0.1]], tick: [[1320, 0.05]], look: [[620, 0.09], [620, 0.14]], done: [[660, 0.08], [990, 0.16]], bad: [[230, 0.22], [180, 0.4]] };
let waiting = [];
let busy = false;
let last = 0;
let audio;

export function play(name) {
  const tune = TUNES[name];
  if (!tune || mute?.checked) return;
  audio ||= new (window.AudioContext || window.webkitAudioContext)();
  audio.resume();
  let at = audio.currentTime;
  for (const [pitch, length] of tune) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.type = name === "bad" ? "square" : "sine";
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(name === "bad" ? 0.3 : 0.2, at);
    volume.gain.setTargetAtTime(0, at + length * 0.8, 0.02);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + length + 0.1);
    at += length + 0.05;
  }
}

function fail(text, typed) {
  waiting = [];
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, tone: "bad" } }));
  play("bad");
  if (!field.value) field.value = typed;
  field.select();
}

async function ask(name, value) {
  const body = new FormData(form);
  body.delete("scan");
  body.set(name, value);
  const token = body.get("csrfmiddlewaretoken");
  const answer = await fetch(form.action, { method: "POST", body, headers: { "X-CSRFToken": token, "X-Bench": "1" } }).catch(() => null);
  if (answer?.redirected) { location.assign(answer.url); return; }
  if (!answer?.ok) { fail(answer ? words.no_answer : words.offline, name === "scan" ? value : ""); return; }
  const now = document.querySelector(form.dataset.bench);
  now.innerHTML = await answer.text();
  document.dispatchEvent(new CustomEvent("bench"));
  const verdict = now.querySelector("[data-sound]");
  if (!verdict) return;
  play(verdict.dataset.sound);
  if (verdict.getAttribute("role") !== "alert" && says) says.textContent = verdict.innerText;
  if (verdict.dataset.changed !== undefined) tell();
}

async function tell() {
  if (!form.dataset.benchList) return;
  const answer = await fetch(form.dataset.benchListFrom).catch(() => null);
  if (answer?.ok && !answer.redirected) document.querySelector(form.dataset.benchList).innerHTML = await answer.text();
}

async function work() {
  if (busy) return;
  busy = true;
  form.setAttribute("aria-busy", "true");
  while (waiting.length) await ask(...waiting.shift());
  form.removeAttribute("aria-busy");
  busy = false;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = event.submitter?.hasAttribute("data-bench-button") ? event.submitter : null;
  const text = field.value;
  if (!button && !text.trim() && event.timeStamp - last < ECHO) return;
  if (!button) { field.value = ""; last = event.timeStamp; }
  waiting.push(button ? [button.name, button.value] : ["scan", text]);
  field.focus();
  work();
});

// A scanner types wherever it is: what is typed outside of another field goes into ours.
const other = (element) => element !== field && element.closest?.("input:not([type=checkbox], [type=radio]), textarea, [contenteditable], dialog[open]");
window.addEventListener("keydown", (event) => {
  if (event.target === field || other(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const button = event.target.closest?.("a, button, summary, input, select");
  if (event.key.length === 1 && !(button && event.key === " ")) {
    event.stopImmediatePropagation();
    field.focus();
  } else if (event.key === "Enter" && !button) {
    event.preventDefault();
    event.stopImmediatePropagation();
    form.requestSubmit();
  }
}, true);
document.addEventListener("click", (event) => {
  if (!event.target.closest("a, button, input, select, textarea, label, summary, dialog")) field.focus({ preventScroll: true });
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-bench-mute]")) localStorage.setItem(MUTED, event.target.checked ? "yes" : "");
  if (event.target.closest("[data-bench]") && event.target !== field) field.focus({ preventScroll: true });
});
window.addEventListener("focus", () => { if (!other(document.activeElement)) field.focus({ preventScroll: true }); });

// An input method swallows what a scanner types: say so before the first scan is lost.
field.addEventListener("compositionstart", () => {
  const note = document.querySelector("[data-bench-ime]");
  if (note) note.hidden = false;
});
field.addEventListener("input", (event) => {
  const note = document.querySelector("[data-bench-ime]");
  if (note && !event.isComposing && /^[\x20-\x7e]+$/.test(field.value)) note.hidden = true;
});

if (mute) mute.checked = localStorage.getItem(MUTED) === "yes";
field.focus({ preventScroll: true });
