// Printing through the 菜鸟 component on this computer: one document a task, the next only when the last is acknowledged.
const box = document.getElementById("component");
const words = JSON.parse(document.getElementById("component-words").textContent);
const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const me = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`;
const WAIT = 60000; // the component is asked for nothing longer than this (ms)
let socket = null;
let stopping = false;
let going = false;
const answers = new Map();
let result = null;

const say = (text, tone = "") => {
  const line = box.querySelector("[data-state]");
  line.textContent = text;
  line.dataset.tone = tone;
};

async function post(what, body) {
  const answer = await fetch(`${box.dataset.base}${what}/`, {
    method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": token }, body: JSON.stringify({ page: me, ...body }),
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(said.problem || "", said.sentence || words.lost);
  return said;
}

class Refused extends Error {
  constructor(code, sentence) { super(sentence); this.code = code; }
}

function open(origin) {
  return new Promise((resolve, reject) => {
    const line = new WebSocket(origin);
    const late = setTimeout(() => { line.close(); reject(new Error("late")); }, 5000);
    line.onopen = () => { clearTimeout(late); resolve(line); };
    line.onerror = () => { clearTimeout(late); reject(new Error("closed")); };
  });
}

async function connect() {
  const origins = box.dataset.origins.split(" ").filter((origin) => location.protocol === "http:" || origin.startsWith("wss:"));
  for (const origin of origins) {
    try { return await open(origin); } catch { /* the other one, then */ }
  }
  return null;
}

function ask(cmd, more = {}) {
  const requestID = `${me}-${answers.size}-${Date.now()}`;
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => { answers.delete(requestID); reject(new Error("late")); }, WAIT);
    answers.set(requestID, { resolve: (said) => { clearTimeout(late); resolve(said); }, reject: (why) => { clearTimeout(late); reject(why); } });
    socket.send(JSON.stringify({ cmd, requestID, version: "1.0", ...more }));
  });
}

function hear(event) {
  let said;
  try { said = JSON.parse(event.data); } catch { return; }
  if (said.cmd === "notifyPrintResult") {
    for (const one of said.printStatus || []) {
      if (!result || one.documentID !== result.documentID) continue;
      if (said.taskStatus === "rendered" && one.status === "success") continue; // drawn, not on paper yet
      const { resolve } = result;
      result = null;
      resolve({ printed: one.status === "success", message: one.msg || one.detail || "" });
    }
    return;
  }
  const waiting = answers.get(String(said.requestID));
  if (waiting) { answers.delete(String(said.requestID)); waiting.resolve(said); }
}

function gone() {
  for (const one of answers.values()) one.reject(new Error("gone"));
  answers.clear();
  if (result) { const { reject } = result; result = null; reject(new Error("gone")); }
}

async function choose() {
  const found = await ask("getPrinters");
  const names = (found.printers || []).map((printer) => printer.name);
  const wish = box.dataset.printer;
  if (wish && !names.includes(wish)) throw new Refused("", words.no_printer.replace("{name}", wish).replace("{names}", names.join("、")));
  return wish || found.defaultPrinter || "";
}

async function print(next, printer) {
  const { documentID } = next.document;
  const outcome = new Promise((resolve, reject) => {
    const late = setTimeout(() => { result = null; reject(new Error("late")); }, WAIT);
    result = {
      documentID,
      resolve: (said) => { clearTimeout(late); resolve(said); },
      reject: (why) => { clearTimeout(late); reject(why); },
    };
  });
  outcome.catch(() => {});
  const task = {
    taskID: `${documentID}-${me}`, preview: false, printer, notifyType: ["print"],
    firstDocumentNumber: 1, totalDocumentCount: 1, documents: [next.document],
  };
  const taken = await ask("print", { task });
  if (taken.status && taken.status !== "success") { result = null; return { printed: false, message: taken.msg || "" }; }
  return outcome;
}

function count() {
  const done = box.querySelector("[data-done]");
  done.textContent = Number(done.textContent) + 1;
  box.querySelector("[data-bar]").value = Number(done.textContent);
}

async function run() {
  going = true;
  try {
    const printer = await choose();
    while (!stopping) {
      const next = await post("next", {});
      if (next.done) { say(words.done, "good"); going = false; setTimeout(() => { location.href = box.dataset.job; }, 1200); return; }
      say(words.printing.replace("{waybill}", next.waybill));
      const said = await print(next, printer);
      await post("said", { place: next.place, ...said });
      if (!said.printed) { say(words.failed.replace("{why}", said.message), "bad"); going = false; return; }
      count();
    }
    await post("lost", {});
    going = false;
    location.href = box.dataset.job;
  } catch (why) {
    going = false;
    if (why instanceof Refused) {
      say(why.message, "bad");
      if (why.code === "document_doubtful") location.href = box.dataset.job;
      return;
    }
    await post("lost", {}).catch(() => {});
    say(words.lost, "bad");
    location.href = box.dataset.job;
  }
}

box.querySelector("[data-stop]").addEventListener("click", () => { stopping = true; if (!going) location.href = box.dataset.job; });
window.addEventListener("beforeunload", (event) => { if (going) event.preventDefault(); });

socket = await connect();
if (socket) {
  socket.onmessage = hear;
  socket.onclose = gone;
  await run();
} else {
  await post("lost", {}).catch(() => {});
  say(words.unreachable, "bad");
}
