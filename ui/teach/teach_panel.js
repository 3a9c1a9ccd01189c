// Says what a drawing is, and keeps what was said; shows how teaching goes.
const panel = element.querySelector(".teach");
const part = (name) => panel.querySelector(name);
const digits = [...panel.querySelectorAll("[data-label]")];
const button = (name) => part(`[data-do=${name}]`);
const said = part("[data-testid=said]");

const NO_INK = "Draw a digit, then say what it is: it is kept in your browser.";
const NO_STROKES = "Only what is drawn on an empty pad can be kept, not a picture.";

let strokes = null; // what the last reading is about; null where there are none
let lastAbout = NO_INK;
let saved = null; // {id, label, before} of what was saved last, for Undo
let total = 0;
let isTeaching = false;

// ---- saving ----

const named = (digit) => (digit === 8 ? "an 8" : `a ${digit}`);

function say(text, { isRefusal = false, undo = false } = {}) {
  said.textContent = text;
  part(".teach-said").classList.toggle("refusal", isRefusal);
  button("undo").hidden = !undo;
}

function press(label) {
  digits.forEach((each) => each.setAttribute("aria-pressed", Number(each.dataset.label) === label));
}

function showDrawings({ total: count, unkept: unkeptCount, unreadable: unreadableCount }) {
  total = count;
  const drawings = total === 1 ? "1 drawing" : `${total} drawings`;
  part("[data-testid=drawings-count]").textContent = `${unkeptCount ? "" : "Saved in your browser only. "}${drawings} so far.`;
  const told = [toldUnkept(unkeptCount), toldUnreadable(unreadableCount)].filter(Boolean).join(" ");
  part("[data-testid=keeping]").textContent = told;
  showButtons();
}

function toldUnkept(count) {
  if (!count) return "";
  if (nothingIsKept) return "Your browser keeps nothing for this page: before you close or reload it, download My drawings.";
  const only = count === 1 ? "only this tab has it" : "only this tab has them";
  return `Your browser has no room for ${count} of ${total}: ${only}. Before you close it, download My drawings.`;
}

function toldUnreadable(count) {
  if (!count) return "";
  const what = count === 1 ? "One entry of drawings" : `${count} entries of drawings`;
  const why = refusedBecause ? ` (${refusedBecause})` : "";
  return `${what} in your browser cannot be read${why}: set aside there, not deleted. All others are here.`;
}

function showButtons() {
  for (const each of digits) each.disabled = !strokes || !props.value;
  button("teach").disabled = !total || isTeaching;
  button("stop").hidden = !isTeaching;
}

async function save(about, label) {
  const result = await window.digitDrawings.add([{ strokes: about, label }]).then(([first]) => first, ({ message }) => ({ error: message }));
  if (result.error) say(result.error, { isRefusal: true });
  else showSaved(result);
  document.dispatchEvent(new CustomEvent("digit-saved", { detail: result }));
}

function showSaved(result) {
  saved = result;
  const { id, label, before } = saved;
  const changed = before === null || before === label ? "" : `, no longer as ${named(before)}`;
  const where = unkept.has(id) && !nothingIsKept ? ", in this tab only" : "";
  say(`Saved as ${named(label)}${changed}${where}.`, { undo: before !== label });
  press(label);
  trigger("input");
}

function undo({ id, before }) {
  say(before === null ? "Not saved any more." : `It is ${named(before)} again.`);
  press(before);
  if (before === null) window.digitDrawings.remove([id]);
  else window.digitDrawings.label(id, before);
}

// The ink is there before its reading: wait for the answer to all of it.
function settled() {
  if (!document.querySelector(".pad[data-pending]")) return Promise.resolve();
  return new Promise((done) => document.addEventListener("digit-reading", () => setTimeout(() => settled().then(done)), { once: true }));
}

for (const each of digits) {
  each.addEventListener("click", async () => {
    await settled();
    if (strokes) save(strokes, Number(each.dataset.label));
  });
}
button("undo").addEventListener("click", () => {
  if (saved) undo(saved);
  digits[0].focus();
});

// ---- what the page tells ----

function listen(name, handler) {
  const listener = (event) => {
    if (!element.isConnected) return document.removeEventListener(name, listener);
    handler(event.detail);
  };
  document.addEventListener(name, listener);
}

// What is said of the pad is said when that changes: a reading that comes again leaves other messages alone.
function onReading(detail) {
  const now = detail?.strokes?.length ? detail.strokes : null;
  const about = now ? JSON.stringify(now) : detail ? NO_STROKES : NO_INK;
  if (about === lastAbout) return;
  [strokes, lastAbout] = [now, about];
  press(null);
  if (now) say("");
  // Of an emptied pad, what was saved last can still be undone.
  else if (detail || button("undo").hidden) say(about);
  showButtons();
}
listen("digit-reading", onReading);
listen("digit-chosen", onReading);
listen("digit-picture-read", onReading);
listen("digit-save", ({ strokes: about, label }) => save(about, label));
listen("digit-unsave", undo);
listen("digit-drawings", showDrawings);
listen("digit-drawings-wanted", tellPage);

// ---- teaching ----

button("teach").addEventListener("click", async () => {
  isTeaching = true;
  part(".teach-result").hidden = true;
  showButtons();
  showTeaching({ text: "Getting ready …", share: 0 });
  button("stop").focus();
  await window.digitDrawings.synced().catch(() => {}); // without an answer, teaching has none either
  trigger("submit");
});
button("stop").addEventListener("click", () => server.stop_teaching(props.value.session).catch(() => {}));
button("guide").addEventListener("click", () => document.dispatchEvent(new CustomEvent("digit-guide")));

function showTeaching({ text, share }) {
  part(".teach-under-way").hidden = false;
  part("[data-testid=teaching]").textContent = text;
  part(".teach-bar").style.width = `${100 * share}%`;
  part(".teach-track").setAttribute("aria-valuenow", Math.round(100 * share));
}

function row([name, before, after]) {
  const line = document.createElement("tr");
  line.append(...[name, before, after].map((text) => Object.assign(document.createElement("td"), { textContent: text })));
  return line;
}

function showResult({ rows, note }) {
  part(".teach-result").hidden = false;
  part("tbody").replaceChildren(...rows.map(row));
  part(".teach-result .teach-note").textContent = note;
}

function show() {
  const value = props.value;
  if (!value) return;
  const wasTeaching = isTeaching;
  isTeaching = Boolean(value.teaching);
  if (value.teaching) showTeaching(value.teaching);
  else part(".teach-under-way").hidden = true;
  if (value.result) showResult(value.result);
  if (value.message) say(value.message, { isRefusal: true });
  showButtons();
  meet();
  if (!isSynced) sync();
  if (wasTeaching && !isTeaching) button("teach").focus();
}

watch("value", show);
say(NO_INK);
tellPage();
show();
