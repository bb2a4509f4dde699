// Reminders and conversations in an open page. One tab of the browser listens to the server and tells the others; each reads its popups by
// itself, through the page's own door. What came while nobody listened is read when the line says hello again.
const { live: line, popup } = document.body.dataset;
const region = document.getElementById("popups");
const others = "BroadcastChannel" in window ? new BroadcastChannel(`fahuo.live.${line}`) : null;
const RUNG = `fahuo.rung.${line}`;
const title = document.title;
let leads = false, source = null, reading = false, again = false;

function ring() {
  const sound = new AudioContext();
  const [tone, loud] = [sound.createOscillator(), sound.createGain()];
  const at = sound.currentTime;
  tone.frequency.setValueAtTime(880, at);
  tone.frequency.setValueAtTime(660, at + 0.16);
  loud.gain.setValueAtTime(0.16, at);
  loud.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
  tone.connect(loud).connect(sound.destination);
  tone.start(at);
  tone.stop(at + 0.5);
  tone.onended = () => sound.close();
}

// A browser lets a page sound once somebody has touched it. Of all tabs one rings: one that is seen, else the one that listens.
function ringOnce(newest) {
  const rung = () => Number(localStorage.getItem(RUNG)) >= newest;
  const act = () => {
    if (rung()) return;
    localStorage.setItem(RUNG, newest);
    if (navigator.userActivation?.hasBeenActive || sessionStorage.getItem("fahuo.touched")) ring();
  };
  if (!newest || rung()) return;
  if (!document.hidden) act();
  else if (leads) setTimeout(act, 400);
}

function show(html) {
  const focus = region.contains(document.activeElement) ? document.activeElement.closest("[data-pop]")?.dataset.pop : null;
  region.innerHTML = html;
  const found = region.firstElementChild;
  const count = Number(found.dataset.count);
  document.title = count ? `(${count}) ${title}` : title;
  for (const badge of document.querySelectorAll("[data-unread]")) {
    badge.hidden = !count;
    badge.firstChild.data = count > 99 ? "99+" : count;
  }
  if ("sound" in found.dataset) ringOnce(Number(found.dataset.newest));
  if (focus) (region.querySelector(`[data-pop="${focus}"] .button`) || region.querySelector(".button"))?.focus();
}

async function read() {
  if (!popup) return;
  if (reading) { again = true; return; }
  reading = true;
  do {
    again = false;
    const answer = await fetch(popup, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
    if (answer?.ok && !answer.redirected) show(await answer.text());
  } while (again);
  reading = false;
}

// A conversation went on: what shows one asks for it again (hx-trigger="fahuo:talk from:body"); the line (again) stands:
// something may have been missed (fahuo:hello).
function hear(what) {
  if (what !== "talk") read();
  if (what !== "news") document.body.dispatchEvent(new CustomEvent(`fahuo:${what}`));
}

function open() {
  source = new EventSource(line);
  for (const what of ["hello", "news", "talk"]) {
    source.addEventListener(what, () => { hear(what); others?.postMessage(what); });
  }
  source.addEventListener("error", () => {
    if (source?.readyState !== EventSource.CLOSED) return;  // it comes again by itself
    source = null;
    setTimeout(() => source || open(), 60000);
  });
}

function seen(form) {
  return fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true }).catch(() => null);
}

region?.addEventListener("submit", async (event) => {
  event.preventDefault();
  await seen(event.target);
  await read();
  others?.postMessage("news");
});
region?.addEventListener("click", (event) => {
  const go = event.target.closest("[data-pop-go]");
  if (go) seen(go.form || go.closest("form"));
});
for (const touch of ["pointerdown", "keydown"]) {
  document.addEventListener(touch, () => sessionStorage.setItem("fahuo.touched", "1"), { once: true, capture: true });
}
others?.addEventListener("message", (event) => hear(event.data));
if (navigator.locks) {
  navigator.locks.request(`fahuo.live.${line}`, () => new Promise(() => { leads = true; open(); }));
} else {  // no way to agree on one tab: those that are seen listen
  leads = true;
  const look = () => {
    if (document.hidden) { source?.close(); source = null; } else if (!source) open();
  };
  document.addEventListener("visibilitychange", look);
  look();
}
read();
