// Says what a drawing is, and keeps what was said; shows how teaching goes.
const panel = element.querySelector(".teach");
const part = (name) => panel.querySelector(name);
const digits = [...panel.querySelectorAll("[data-label]")];
const button = (name) => part(`[data-do=${name}]`);
const said = part("[data-testid=said]");

const NO_INK = "Draw a digit, then say what it is: it is kept in your browser.";
const NO_STROKES = "Only what is drawn on an empty pad can be kept, not a picture.";
const PATIENCE = 8000; // ms

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

function showCounts(counts) {
  total = counts.reduce((sum, count) => sum + count, 0);
  const drawings = total === 1 ? "1 drawing" : `${total} drawings`;
  part("[data-testid=drawings-count]").textContent = `Saved in your browser only. ${drawings} so far.`;
  showButtons();
}

function showButtons() {
  for (const each of digits) each.disabled = !strokes || !props.value;
  button("teach").disabled = !total || isTeaching;
  button("stop").hidden = !isTeaching;
}

async function change(request) {
  let late;
  const patience = new Promise((_, reject) => (late = setTimeout(reject, PATIENCE)));
  try {
    const asked = server.change_drawings({ session: props.value.session, ...request });
    const answer = await Promise.race([asked, patience]);
    if (!answer || !(answer.counts || answer.error)) throw new Error("no answer");
    if (answer.lost) document.dispatchEvent(new CustomEvent("digit-connection-lost")); // keeps the ink for the reload
    return answer;
  } catch {
    return { error: "The server does not answer: nothing was changed. Try again." };
  } finally {
    clearTimeout(late);
  }
}

const tell = (answer) => document.dispatchEvent(new CustomEvent("digit-drawings", { detail: answer }));

async function save(about, label) {
  const answer = await change({ do: "save", strokes: about, label });
  if (answer.error) say(answer.error, { isRefusal: true });
  else {
    saved = answer.saved;
    const { before } = saved;
    const changed = before === null || before === label ? "" : `, no longer as ${named(before)}`;
    say(`Saved as ${named(label)}${changed}.`, { undo: before !== label });
    press(label);
  }
  tell(answer);
}

async function undo(entry) {
  const { id, before } = entry;
  const answer = await change(before === null ? { do: "delete", id } : { do: "label", id, label: before });
  if (answer.error) return say(answer.error, { isRefusal: true });
  say(before === null ? "Not saved any more." : `It is ${named(before)} again.`);
  press(before);
  tell({ ...answer, undone: entry });
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
button("undo").addEventListener("click", () => saved && undo(saved).then(() => button("undo").hidden && digits[0].focus()));

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
listen("digit-drawings", (answer) => {
  if (answer.error) return;
  showCounts(answer.counts);
  trigger("input");
});

// ---- teaching ----

button("teach").addEventListener("click", () => {
  isTeaching = true;
  part(".teach-result").hidden = true;
  showButtons();
  showLesson({ text: "Getting ready …", share: 0 });
  button("stop").focus();
  trigger("submit");
});
button("stop").addEventListener("click", () => server.stop_lesson(props.value.session).catch(() => {}));
button("guide").addEventListener("click", () => document.dispatchEvent(new CustomEvent("digit-guide")));

function showLesson({ text, share }) {
  part(".teach-under-way").hidden = false;
  part("[data-testid=lesson]").textContent = text;
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
  isTeaching = Boolean(value.lesson);
  if (value.lesson) showLesson(value.lesson);
  else part(".teach-under-way").hidden = true;
  if (value.result) showResult(value.result);
  if (value.message) say(value.message, { isRefusal: true });
  showCounts(value.counts);
  if (wasTeaching && !isTeaching) button("teach").focus();
}

watch("value", show);
show();
say(NO_INK);
showButtons();
