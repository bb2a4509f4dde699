// Time left ticks by the server's clock: the page brings the server's moment, the browser only measures how long ago that was.
const words = JSON.parse(document.getElementById("words").textContent);
const born = performance.now();
const server = Number(document.querySelector('meta[name="server-now"]').content);
const now = () => server + performance.now() - born;
const SOON = 2 * 3600 * 1000;
const [QUICK, LONG] = [3 * 60 * 1000, 10 * 60 * 1000];

function duration(milliseconds) {
  const all = Math.floor(Math.abs(milliseconds) / 60000);
  const [days, hours, minutes] = [Math.floor(all / 1440), Math.floor(all / 60) % 24, all % 60];
  const say = (word, n) => words[word].replace("{n}", n);
  if (days) return say("days", days) + (hours ? " " + say("hours", hours) : "");
  if (hours) return say("hours", hours) + (minutes ? " " + say("minutes", minutes) : "");
  return say("minutes", minutes);
}

// To the second: 23:04:51, or 1 day 03:04:51.
function precise(milliseconds) {
  const all = Math.floor(Math.abs(milliseconds) / 1000);
  const days = Math.floor(all / 86400);
  const clock = [Math.floor(all / 3600) % 24, Math.floor(all / 60) % 60, all % 60].map((n) => String(n).padStart(2, "0")).join(":");
  return (days ? words.days.replace("{n}", days) + " " : "") + clock;
}

function put(element, text, tone) {
  if (element.textContent !== text) element.textContent = text;
  if (!element.classList.contains(`left-${tone}`)) {
    element.classList.remove("left-over", "left-soon", "left-calm");
    element.classList.add(`left-${tone}`);
  }
}

function tick() {
  for (const element of document.querySelectorAll("[data-left]")) {
    const left = Number(element.dataset.left) - now();
    const tone = left <= 0 ? "over" : left < SOON ? "soon" : "calm";
    put(element, words[left <= 0 ? "over" : "left"].replace("{t}", "seconds" in element.dataset ? precise(left) : duration(left)), tone);
  }
  for (const element of document.querySelectorAll("[data-since]")) {  // how long somebody waits
    const gone = Math.max(0, now() - Number(element.dataset.since));
    put(element, words.waited.replace("{t}", precise(gone)), gone >= LONG ? "over" : gone >= QUICK ? "soon" : "calm");
  }
}

let beats = 0;
tick();
setInterval(() => { if (++beats % 5 === 0 || document.querySelector("[data-seconds]")) tick(); }, 1000);
document.addEventListener("visibilitychange", () => document.hidden || tick());
document.addEventListener("htmx:afterSettle", tick);
