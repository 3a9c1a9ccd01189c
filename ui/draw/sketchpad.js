// The pad. Strokes are lists of [x, y] in 0..1 of the pad, y down; the canvas only shows them.
const PEN_WIDTH = 0.06; // of the pad's side
const NEAREST = 0.002; // of the pad: points closer than this add nothing
const PINCH = 300; // ms: a second finger so soon after the first means a pinch or a palm, not ink
const PEN_LIFTED = 1000; // ms: while a pen is in use, touches are the hand that holds it

const canvas = element.querySelector("canvas");
const context = canvas.getContext("2d");
const buttons = Object.fromEntries([...element.querySelectorAll("[data-do]")].map((b) => [b.dataset.do, b]));

let strokes = [];
let picture = null; // beneath the strokes: 28 by 28 bytes, base64, as the network saw them; it fills the pad
let past = []; // earlier drawings, {strokes, picture}, for Undo; strokes never change once drawn
let future = [];
const isEmpty = () => !strokes.length && !picture;
const drawing = () => ({ strokes, picture });
let pointer = null; // {id, type, since, redo} of the pointer that is drawing; redo: what its stroke put an end to
let penSeen = -Infinity; // when a pen last touched the pad

// ---- ink ----

const toCanvas = ([x, y]) => [x * canvas.width, y * canvas.height];
const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];

function setPen() {
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = PEN_WIDTH * canvas.width;
  context.strokeStyle = context.fillStyle = getComputedStyle(canvas).getPropertyValue("--pad-ink");
}

// Draw what point number `last` adds: a curve from the middle of the segment before it, through the point before it.
function inkPoint(stroke, last) {
  const end = toCanvas(stroke[last]);
  context.beginPath();
  if (last === 0) {
    // A line without length would not be drawn.
    context.arc(...end, context.lineWidth / 2, 0, 2 * Math.PI);
    return context.fill();
  }
  const corner = toCanvas(stroke[last - 1]);
  context.moveTo(...(last === 1 ? corner : middle(toCanvas(stroke[last - 2]), corner)));
  context.quadraticCurveTo(...corner, ...middle(corner, end));
  context.stroke();
}

function inkEnd(stroke) {
  if (stroke.length < 2) return;
  const [before, end] = stroke.slice(-2).map(toCanvas);
  context.beginPath();
  context.moveTo(...middle(before, end));
  context.lineTo(...end);
  context.stroke();
}

function inkPicture() {
  const small = new OffscreenCanvas(28, 28);
  const smallContext = small.getContext("2d");
  const image = smallContext.createImageData(28, 28);
  const bytes = atob(picture);
  for (let i = 0; i < 784; i++) image.data[4 * i + 3] = bytes.charCodeAt(i);
  smallContext.putImageData(image, 0, 0);
  // Its darkness is in the opacity alone: the pad's ink gives the colour.
  smallContext.globalCompositeOperation = "source-in";
  smallContext.fillStyle = context.fillStyle;
  smallContext.fillRect(0, 0, 28, 28);
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
}

function redraw() {
  context.clearRect(0, 0, canvas.width, canvas.height);
  setPen();
  if (picture) inkPicture();
  for (const stroke of strokes) {
    stroke.forEach((_, i) => inkPoint(stroke, i));
    if (stroke !== strokes.at(-1) || pointer === null) inkEnd(stroke);
  }
}

function fit() {
  const side = Math.round(canvas.clientWidth * window.devicePixelRatio);
  if (!side) return; // on a hidden tab
  if (side !== canvas.width || side !== canvas.height) canvas.width = canvas.height = side;
  redraw();
}

// ---- drawing ----

function position(event) {
  const box = canvas.getBoundingClientRect();
  const share = (value) => Math.min(1, Math.max(0, Math.round(value * 1e4) / 1e4));
  return [share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height)];
}

function addPoint(stroke, point) {
  const before = stroke.at(-1);
  if (before && Math.hypot(point[0] - before[0], point[1] - before[1]) < NEAREST) return;
  stroke.push(point);
  inkPoint(stroke, stroke.length - 1);
}

canvas.addEventListener("pointerdown", (event) => {
  const now = performance.now();
  if (event.pointerType === "pen") penSeen = now;
  if (pointer !== null) {
    const isPinch = event.pointerType === "touch" && now - pointer.since < PINCH;
    const isPenAfterPalm = event.pointerType === "pen" && pointer.type === "touch";
    if (isPinch || isPenAfterPalm) abandon();
    if (!isPenAfterPalm) return;
  }
  if (!event.isPrimary || event.button !== 0) return;
  if (event.pointerType === "touch" && now - penSeen < PEN_LIFTED) return;
  begin(event);
});

function begin(event) {
  canvas.setPointerCapture(event.pointerId);
  pointer = { id: event.pointerId, type: event.pointerType, since: performance.now(), redo: future };
  past.push(drawing());
  future = [];
  strokes = [...strokes, []];
  setPen();
  addPoint(strokes.at(-1), position(event));
  showButtons();
  ask();
}

// Take back a stroke that was never meant.
function abandon() {
  future = pointer.redo;
  pointer = null;
  replace(past.pop());
}

canvas.addEventListener("pointermove", (event) => {
  if (event.pointerId !== pointer?.id) return;
  const stroke = strokes.at(-1);
  const count = stroke.length;
  const events = event.getCoalescedEvents?.() ?? [];
  for (const each of events.length ? events : [event]) addPoint(stroke, position(each));
  if (stroke.length > count) ask();
});

function lift(event) {
  if (event.pointerId !== pointer?.id) return;
  if (pointer.type === "pen") penSeen = performance.now();
  pointer = null;
  inkEnd(strokes.at(-1));
  showButtons();
  send(); // the last point has been asked about already, but may be waiting
}
canvas.addEventListener("pointerup", lift);
canvas.addEventListener("pointercancel", lift);
canvas.addEventListener("lostpointercapture", lift);
// Where touch-action is not honoured, a finger would scroll the page.
canvas.addEventListener("touchmove", (event) => event.preventDefault(), { passive: false });
canvas.addEventListener("contextmenu", (event) => event.preventDefault());

// ---- undo, redo, clear ----

const actions = {
  undo() {
    if (!past.length) return;
    future.push(drawing());
    replace(past.pop());
  },
  redo() {
    if (!future.length) return;
    past.push(drawing());
    replace(future.pop());
  },
  clear() {
    if (!isEmpty()) putDown({ strokes: [], picture: null });
  },
};

function putDown(next) {
  past.push(drawing());
  future = [];
  replace(next);
}

function replace(next) {
  if (pointer !== null) return;
  ({ strokes, picture } = next);
  // An answer under way is about ink that is no longer there.
  dropAnswers();
  redraw();
  showButtons();
  ask();
}

function showButtons() {
  const isDrawing = pointer !== null;
  buttons.undo.disabled = isDrawing || !past.length;
  buttons.redo.disabled = isDrawing || !future.length;
  buttons.clear.disabled = isDrawing || isEmpty();
}

for (const [name, button] of Object.entries(buttons)) {
  button.addEventListener("click", () => pointer === null && actions[name]());
}

function shortcut(event) {
  if (event.altKey) return null;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (key === "z") return event.shiftKey ? "redo" : "undo";
    return key === "y" ? "redo" : null;
  }
  return key === "delete" || key === "backspace" ? "clear" : null;
}

// In a field, keys edit what is in it.
const isTyping = (focus) => focus?.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(focus?.tagName);

function onKey(event) {
  if (!element.isConnected) return document.removeEventListener("keydown", onKey);
  const name = shortcut(event);
  const isShown = canvas.offsetParent !== null;
  if (!name || !isShown || pointer !== null || isTyping(document.activeElement)) return;
  event.preventDefault();
  actions[name]();
}
document.addEventListener("keydown", onKey);

// ---- the page around it ----

// Another part of the page sends a picture: {detail: 28 by 28 bytes, base64}.
function onPicture(event) {
  if (!element.isConnected) return document.removeEventListener("digit-picture", onPicture);
  if (pointer !== null) return;
  putDown({ strokes: [], picture: event.detail });
  [...document.querySelectorAll("[role=tab]")].find((tab) => tab.innerText.trim() === "Draw")?.click();
}
document.addEventListener("digit-picture", onPicture);

element.querySelector(".pad-picture").addEventListener("click", ({ currentTarget }) => {
  const open = document.getElementById("picture").toggleAttribute("data-open");
  currentTarget.setAttribute("aria-expanded", open);
});

// Also when the page has moved to a screen of another density.
function onDensity() {
  fit();
  matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`).addEventListener("change", onDensity, { once: true });
}
onDensity();
new ResizeObserver(fit).observe(canvas);
// Light or dark is a class of the body; the ink follows it.
const onTheme = new MutationObserver(() => requestAnimationFrame(redraw));
onTheme.observe(document.body, { attributes: true, attributeFilter: ["class"] });
