// A scale on a serial port or a USB scale, where the browser reaches one; nothing is shown where it does not.
const GRAMS = { kg: 1000, g: 1, lb: 453.59237, oz: 28.349523125, t: 1e6, 千克: 1000, 公斤: 1000, 斤: 500, 克: 1 };
const LINE = /(?:^|[^0-9.])([-+]?)\s*(\d{1,7}(?:\.\d{1,5})?)\s*(kg|g|lb|oz|t|千克|公斤|斤|克)?\s*$/i;

// One line of a scale, as most of them write it: "ST,GS,+  0.350kg", "S S  0.350 kg", "US,NT,-  12 g", "wn0.350kg", "0.350".
// Without a unit a number with a point is in kg. Gives {grams, stable}, or null for what is no weight (overload, below zero).
export function readLine(text) {
  const line = text.replace(/[\x00-\x1f\x7f]/g, " ").trim();
  if (/\b(OL|ER|ERR|OVER)/i.test(line) || /^S\s*[+-]$/i.test(line)) return null;
  const found = LINE.exec(line);
  if (!found || found[1] === "-") return null;
  const unit = (found[3] || (found[2].includes(".") ? "kg" : "g")).toLowerCase();
  return { grams: Math.round(Number(found[2]) * GRAMS[unit]), stable: !/^(US|S\s+D|SD)\b/i.test(line) };
}

// One report of a USB scale (HID usage page 8Dh): status, unit, power of ten, and the weight, low byte first.
export function readReport(data) {
  if (data.byteLength < 5) return null;
  const status = data.getUint8(0);
  const unit = { 2: 1, 3: 1000, 11: GRAMS.oz, 12: GRAMS.lb }[data.getUint8(1)];
  if (!unit || ![2, 3, 4].includes(status)) return null;
  const weight = data.getUint16(3, true) * 10 ** data.getInt8(2);
  return { grams: Math.round(weight * unit), stable: status !== 3 };
}

// Cuts what comes in pieces into lines. Gives a function that takes a piece and returns the lines it finished.
export function liner() {
  let rest = "";
  return (piece) => {
    const lines = (rest + piece).split(/[\r\n\x02\x03]+/);
    rest = lines.pop().slice(-200);
    return lines.filter((line) => line.trim());
  };
}

const box = document.querySelector("[data-scale]");
const shows = box?.querySelector("[data-scale-shows]");
const value = box?.querySelector("[data-scale-value]");
const connect = box?.querySelector("[data-scale-connect]");
const baud = box?.querySelector("[data-scale-baud]");
const BAUD = "fahuo.scale.baud";

function connected(yes) {
  for (const part of [connect, baud]) part.hidden = yes;
}

function weigh(found) {
  if (!found) return;
  shows.textContent = `${found.grams} g`;
  shows.classList.toggle("is-moving", !found.stable);
  value.value = found.stable && found.grams > 0 ? String(found.grams) : "";
}

function lost() {
  shows.textContent = "";
  value.value = "";
  connected(false);
}

async function listen(port) {
  await port.open({ baudRate: Number(baud.value) });
  connected(true);
  const reader = port.readable.getReader();
  const decoder = new TextDecoder();
  const lines = liner();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      for (const line of lines(decoder.decode(part.value, { stream: true }))) weigh(readLine(line));
    }
  } finally {
    reader.releaseLock();
  }
}

async function listenHid(device) {
  if (!device.opened) await device.open();
  connected(true);
  device.addEventListener("inputreport", (event) => weigh(readReport(event.data)));
}

async function known() {
  for (const port of (await navigator.serial?.getPorts()) || []) return listen(port);
  for (const device of (await navigator.hid?.getDevices()) || []) return listenHid(device);
}

async function choose() {
  // A serial port first; where none is chosen, a USB scale. Who closes both dialogs wants none.
  const port = await navigator.serial?.requestPort().catch(() => null);
  if (port) return listen(port);
  const [device] = (await navigator.hid?.requestDevice({ filters: [{ usagePage: 0x8d }] }).catch(() => [])) || [];
  if (device) return listenHid(device);
}

if (box && (navigator.serial || navigator.hid)) {
  box.hidden = false;
  baud.hidden = !navigator.serial;
  baud.value = localStorage.getItem(BAUD) || "9600";
  baud.addEventListener("change", () => localStorage.setItem(BAUD, baud.value));
  connect.addEventListener("click", () => choose().catch(lost).finally(() => document.querySelector("[data-bench-field]")?.focus()));
  navigator.serial?.addEventListener?.("disconnect", lost);
  navigator.hid?.addEventListener?.("disconnect", lost);
  known().catch(lost);
}
