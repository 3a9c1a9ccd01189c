// Guided writing: each digit three times. What is on the pad is saved a moment after the pen was lifted.
const PAUSE = 1000; // ms from lifting the pen to saving: time for the second stroke of a 4
const ROUNDS = 3;
const STEPS = 10 * ROUNDS;

const guide = element.querySelector(".guide");
const part = (name) => guide.querySelector(name);
const button = (name) => part(`[data-do=${name}]`);
const onPad = (name) => document.querySelector(`.pad ${name}`);
const isPending = () => document.querySelector(".pad[data-pending]");
const clearPad = () => onPad("[data-do=clear]").click();

let step = 0; // 0..29; each digit once, then once more: three in a row would all be alike
let strokes = null; // what the last reading is about
let history = []; // for each step done: what was saved, or null where it was skipped
let timer = null;
let isSaving = false;
const label = () => step % 10;
const named = (digit) => (digit === 8 ? "an 8" : `a ${digit}`);

function show(text = "", isRefusal = false) {
  const round = Math.floor(step / 10) + 1;
  part("[data-testid=guide]").textContent = `Write ${named(label())} (${round} of ${ROUNDS})`;
  part("[data-testid=guide-done]").textContent = `${step} of ${STEPS} done`;
  part("[data-testid=guide-said]").textContent = text;
  part(".guide-said").classList.toggle("refusal", isRefusal);
  button("back").disabled = !history.length;
  button("next").disabled = !strokes;
}

// ---- waiting for the pen ----

function hold() {
  clearTimeout(timer);
  timer = null;
  guide.removeAttribute("data-saving");
}

function countDown() {
  hold();
  if (guide.hidden || isSaving) return;
  guide.style.setProperty("--guide-pause", `${PAUSE}ms`);
  guide.toggleAttribute("data-saving", true);
  timer = setTimeout(save, PAUSE);
}

function save() {
  hold();
  // The reading of the last ink is still under way: it brings the strokes.
  if (isPending()) return (timer = setTimeout(save, 50));
  if (!strokes || isSaving) return;
  isSaving = true;
  document.dispatchEvent(new CustomEvent("digit-save", { detail: { strokes, label: label() } }));
}

function onSaved(answer) {
  if (!isSaving) return;
  isSaving = false;
  if (answer.error) return show(answer.error, true);
  clearPad();
  advance(answer, `Saved ${named(answer.label)}.`);
}

function advance(entry, text) {
  history.push(entry);
  step += 1;
  if (step === STEPS) return leave("teach");
  show(text);
}

// ---- what a person can do ----

const actions = {
  next: save,
  skip() {
    hold();
    clearPad();
    advance(null, `Skipped ${named(label())}.`);
  },
  back() {
    hold();
    const entry = history.pop();
    step -= 1;
    if (entry) document.dispatchEvent(new CustomEvent("digit-unsave", { detail: entry }));
    clearPad();
    show(entry ? `The ${label()} is not saved any more: write it again.` : "");
  },
  leave: () => leave(),
};

function start() {
  [step, history, isSaving] = [0, [], false];
  guide.hidden = false;
  clearPad();
  show("It is saved a moment after you lift the pen.");
  guide.scrollIntoView({ block: "nearest" });
  onPad("canvas").focus({ preventScroll: true });
}

function leave(next = "guide") {
  hold();
  guide.hidden = true;
  document.querySelector(`.teach [data-do=${next}]`)?.focus();
}

for (const [name, action] of Object.entries(actions)) {
  button(name).addEventListener("click", () => !isSaving && action());
}

// ---- what the page tells ----

function listen(name, handler) {
  const listener = (event) => {
    if (!element.isConnected) return document.removeEventListener(name, listener, true);
    handler(event);
  };
  document.addEventListener(name, listener, true);
}

listen("digit-guide", start);
listen("digit-reading", ({ detail }) => {
  strokes = detail?.strokes?.length ? detail.strokes : null;
  if (!strokes) hold();
  button("next").disabled = !strokes;
});
listen("digit-saved", ({ detail }) => onSaved(detail));
listen("pointerdown", ({ target }) => target === onPad("canvas") && hold());
for (const name of ["pointerup", "pointercancel"]) {
  listen(name, ({ target }) => target === onPad("canvas") && countDown());
}
listen("keydown", (event) => {
  if (guide.hidden || isSaving || guide.offsetParent === null) return;
  // On a button, Enter presses it.
  if (event.key === "Enter" && !/^(BUTTON|INPUT|TEXTAREA|SELECT|SUMMARY|A)$/.test(document.activeElement?.tagName)) save();
  if (event.key === "Escape") leave();
});
