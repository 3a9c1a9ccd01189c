// Why: one answer at a time, as the reading panel shows it.
const KEPT_KEY = "{kept_key}";
const SPEAK_AFTER = 700; // ms without a change, so that a screen reader is not flooded
const FAINT = 0.15; // of the strongest: below this, a cell has a tint but no mark

const part = (name) => element.querySelector(name);
const toggle = part(".why-switch");
const buttons = [...element.querySelectorAll(".why-not button")];
const picture = part(".why-picture");
const typical = part(".why-typical canvas");
const layers = [...element.querySelectorAll(".why-layers figure")];
const logits = [...element.querySelectorAll(".why-layers li")];

let isOn = false;
let against = null; // the digit of "why not …?"
let shown = null; // the answer beside it
let hasAsked = false; // for an explanation that the answer shown does not hold
let spoken = null;

const color = (name) => getComputedStyle(element.firstElementChild).getPropertyValue(name);
// Bytes that tell -1..1, 128 for 0.
const signed = (base64) => Array.from(atob(base64), (letter) => (letter.charCodeAt(0) - 128) / 127);
const unsigned = (base64) => Array.from(atob(base64), (letter) => letter.charCodeAt(0) / 255);
const named = (digit) => (digit === 8 ? `an ${digit}` : `a ${digit}`);

// ---- the ink ----

// A canvas of `columns` by `rows` cells, each a whole number of the screen's pixels.
function grid(canvas, columns, rows) {
  const side = Math.max(1, Math.round((canvas.clientWidth * window.devicePixelRatio) / columns));
  if (canvas.width !== side * columns || canvas.height !== side * rows) {
    [canvas.width, canvas.height] = [side * columns, side * rows];
  }
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.lineWidth = Math.max(1, side / 7);
  const paper = color("--why-paper");
  return { context, side, paper, place: (i) => [side * (i % columns), side * Math.floor(i / columns)] };
}

function fill({ context, side, place }, i, style, opacity) {
  context.globalAlpha = opacity;
  context.fillStyle = style;
  context.fillRect(...place(i), side, side);
}

// Marks besides the colours: against is struck through, what is missing is hollow, what is too much is crossed out.
const marks = {
  plain() {},
  stroke({ context, side, place, paper }, i) {
    const [x, y] = place(i);
    context.strokeStyle = paper;
    context.beginPath();
    context.moveTo(x, y + side);
    context.lineTo(x + side, y);
    context.stroke();
  },
  cross(cells, i) {
    marks.stroke(cells, i);
    const { context, side, place } = cells;
    const [x, y] = place(i);
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + side, y + side);
    context.stroke();
  },
  hollow({ context, side, place, paper }, i) {
    const [x, y] = place(i);
    const rim = Math.max(1, Math.round(side / 5));
    context.globalAlpha = 0.75;
    context.fillStyle = paper;
    context.fillRect(x + rim, y + rim, side - 2 * rim, side - 2 * rim);
  },
};

function paintInk(image, values, shadow, above, below) {
  const cells = grid(picture, 28, 28);
  const [ink, blue, orange] = ["--body-text-color", "--for-color", "--against-color"].map(color);
  values.forEach((value, i) => {
    if (image[i]) fill(cells, i, ink, shadow * image[i]);
    if (!value) return;
    fill(cells, i, value > 0 ? blue : orange, Math.abs(value) ** 0.6);
    cells.context.globalAlpha = 1;
    if (Math.abs(value) > FAINT) marks[value > 0 ? above : below](cells, i);
  });
}

function paintKey(key, isAbove, mark) {
  const cells = grid(key, 1, 1);
  fill(cells, 0, color(isAbove ? "--for-color" : "--against-color"), 1);
  marks[mark](cells, 0);
}

function paintTypical(base64) {
  const cells = grid(typical, 28, 28);
  unsigned(base64).forEach((share, i) => fill(cells, i, color("--body-text-color"), share));
}

function describe({ words, above, below, label }) {
  part("[data-testid=why-words]").textContent = words;
  part("[data-testid=why-above]").textContent = above;
  part("[data-testid=why-below]").textContent = below;
  picture.ariaLabel = label;
}

function showAnswer({ image, why }) {
  paintInk(unsigned(image), signed(why.ink), 0.12, "plain", "stroke");
  paintKeys("plain", "stroke");
  describe({
    words: against === why.digit ? `It is read as ${named(against)}.` : why.words,
    above: `speaks for ${why.digit}`,
    below: `speaks against ${why.digit}`,
    label: `The ink that speaks for ${why.digit} and against it`,
  });
  showTypical(null);
}

function showChange({ image, why }) {
  const { change, words, typical: base64 } = why.others[against];
  paintInk(unsigned(image), signed(change), 0.35, "hollow", "cross");
  paintKeys("hollow", "cross");
  describe({
    words,
    above: `missing for ${against}`,
    below: `too much for ${against}`,
    label: `The ink that is missing for ${against}, and the ink that is too much`,
  });
  showTypical(base64);
}

function paintKeys(above, below) {
  paintKey(part("[data-key=above]"), true, above);
  paintKey(part("[data-key=below]"), false, below);
}

function showTypical(base64) {
  part(".why-typical").classList.toggle("absent", !base64);
  if (!base64) return;
  paintTypical(base64);
  typical.ariaLabel = `A typical ${against}`;
  part(".why-typical figcaption").textContent = `compared with this ${against}`;
}

// ---- the layers ----

const widths = [256, 128]; // of the layers, until an answer tells: room is kept for them while nothing is drawn
const plural = (count) => `${count} ${count === 1 ? "unit" : "units"}`;

function showLayer(number, name, values) {
  if (values) widths[number] = values.length;
  const count = widths[number];
  layers[number].querySelector("figcaption").textContent = values ? `${name}, ${plural(count)}` : name;
  const canvas = layers[number].querySelector("canvas");
  canvas.ariaLabel = `How active the units of the ${name.toLowerCase()} are`;
  const columns = count > 32 ? 64 : 32;
  const cells = grid(canvas, columns, Math.ceil(count / columns));
  const [blue, orange, empty] = ["--for-color", "--against-color", "--body-text-color"].map(color);
  for (let i = 0; i < count; i++) {
    const value = values?.[i] ?? 0;
    fill(cells, i, empty, 0.06);
    fill(cells, i, value > 0 ? blue : orange, Math.abs(value) ** 0.7);
  }
}

function showLayers(why) {
  const [first, second, last] = why ? why.layers.map(signed) : [];
  showLayer(0, "First layer", first);
  showLayer(1, "Second layer", second);
  layers[2].querySelector("figcaption").textContent = "Last layer, a unit for each digit";
  logits.forEach((cell, digit) => {
    const share = last ? last[digit] : 0;
    cell.style.setProperty("--unit-share", `${Math.round(100 * share)}%`);
    cell.classList.toggle("strong", share > 0.6);
  });
  part(".why-negative").classList.toggle("absent", !first || Math.min(...first, ...second) >= 0);
}

// ---- what is shown when ----

function speak() {
  clearTimeout(spoken);
  spoken = setTimeout(() => {
    part(".why-spoken").textContent = isOn ? part("[data-testid=why-words]").textContent : "";
  }, SPEAK_AFTER);
}

function showNothing(words = "Draw a digit to see which of its ink speaks for the reading.") {
  grid(picture, 28, 28);
  paintKeys("plain", "stroke");
  describe({ words, above: "speaks for the reading", below: "speaks against it", label: "Nothing is drawn" });
  showTypical(null);
}

// Not `null`, and not what the answer is anyway.
const asksForChange = (why) => against !== null && against !== why.digit;

function isExplained(answer) {
  return answer.why && !(asksForChange(answer.why) && !answer.why.others[against]);
}

function show() {
  toggle.ariaChecked = isOn;
  part(".why-body").hidden = !isOn;
  buttons.forEach((button) => (button.ariaPressed = Number(button.dataset.digit) === against));
  if (!isOn) return;
  if (!shown?.probabilities) {
    showNothing();
    showLayers(null);
  } else if (isExplained(shown)) {
    (asksForChange(shown.why) ? showChange : showAnswer)(shown);
    showLayers(shown.why);
    speak();
  } else if (shown.why_error) {
    showNothing(shown.why_error);
    showLayers(null);
    speak();
  } else if (!hasAsked) {
    hasAsked = true;
    document.dispatchEvent(new CustomEvent("digit-reading-wanted"));
  }
}

function tellPad() {
  const detail = { why: isOn ? { against } : null };
  document.dispatchEvent(new CustomEvent("digit-options", { detail }));
}

function choose(next) {
  ({ isOn, against } = { isOn, against, ...next });
  hasAsked = false;
  tabKeeps.set(KEPT_KEY, { isOn, against });
  tellPad();
  show();
}

toggle.addEventListener("click", () => choose({ isOn: !isOn }));
for (const button of buttons) {
  const digit = Number(button.dataset.digit);
  button.addEventListener("click", () => choose({ against: against === digit ? null : digit }));
}

function onShown(event) {
  if (!element.isConnected) return document.removeEventListener("digit-shown", onShown);
  shown = event.detail;
  show();
}
document.addEventListener("digit-shown", onShown);

function onOptionsWanted() {
  if (!element.isConnected) return document.removeEventListener("digit-options-wanted", onOptionsWanted);
  tellPad();
}
document.addEventListener("digit-options-wanted", onOptionsWanted);

// Cells are painted at the size they have; light or dark is a class of the body.
new ResizeObserver(() => isOn && show()).observe(part(".why-layers"));
new MutationObserver(show).observe(document.body, { attributes: true, attributeFilter: ["class"] });
const kept = tabKeeps.get(KEPT_KEY);
choose({ isOn: kept?.isOn === true, against: Number.isInteger(kept?.against) && kept.against in buttons ? kept.against : null });
