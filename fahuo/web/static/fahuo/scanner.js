// A barcode scanner types fast and ends with Enter. Outside of a field, a scan finds its order; what is not found is loud.
const words = JSON.parse(document.getElementById("words").textContent);
const FAST = 45; // ms between keys; hands are slower
const SHORT = 6; // a scan has at least so many characters
const note = document.querySelector("[data-scan-note]");
let typed = "";
let last = 0;

function beep() {
  const sound = new (window.AudioContext || window.webkitAudioContext)();
  const tone = sound.createOscillator();
  const volume = sound.createGain();
  tone.type = "square";
  tone.frequency.setValueAtTime(330, sound.currentTime);
  tone.frequency.setValueAtTime(220, sound.currentTime + 0.16);
  volume.gain.value = 0.25;
  tone.connect(volume).connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + 0.4);
  tone.onended = () => sound.close();
}

function say(text, quiet) {
  note.classList.toggle("is-quiet", quiet);
  note.textContent = text;
  note.hidden = false;
  clearTimeout(say.timer);
  if (!quiet) say.timer = setTimeout(() => { note.hidden = true; }, 6000);
}

async function find(text) {
  const url = `${document.body.dataset.find}?q=${encodeURIComponent(text)}`;
  say(`${words.opening} ${text}`, true);
  const answer = await fetch(url, { redirect: "manual", headers: { "X-Scan": "1" } }).catch(() => null);
  if (!answer) say(words.offline, false);
  else if (answer.type === "opaqueredirect" || answer.ok) location.assign(url);
  else {
    say(words.not_found.replace("{q}", text), false);
    beep();
  }
}

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  if (field || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) { typed = ""; return; }
  const fast = event.timeStamp - last < FAST;
  last = event.timeStamp;
  if (event.key === "Enter") {
    if (fast && typed.length >= SHORT) {
      event.preventDefault();
      event.stopImmediatePropagation();
      find(typed);
    }
    typed = "";
  } else if (event.key.length === 1) {
    typed = fast ? typed + event.key : event.key;
    if (typed.length > 2) document.dispatchEvent(new CustomEvent("scan"));
    if (typed.length > 2) event.stopImmediatePropagation();
  }
}, true);
document.addEventListener("click", () => { if (!note.classList.contains("is-quiet")) note.hidden = true; });
