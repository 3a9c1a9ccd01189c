// Beneath the ink: a faint box around each digit of a number, with its reading. Stands after sketchpad.js in one script.
const sheet = element.querySelector(".pad-boxes");
const INK_AROUND = PEN_WIDTH / 2; // the boxes are of the lines' middles
const ROOM_ABREAST = 40; // pixels that a digit and its confidence need side by side
const ROOM_STACKED = 30; // and the confidence alone
let boxed = null; // the digits that are boxed now
let choice = null; // {ink, count, chosen}: which digit was chosen in the panel, and of which strokes

// What an answer is about: the strokes themselves, where the server counts them; null over a picture.
function withStrokes(answer, asked) {
  if (!answer.probabilities) return answer;
  const told = { ...answer, strokes: asked };
  if (answer.digits && asked) {
    told.digits = answer.digits.map((digit) => ({ ...digit, strokes: digit.strokes.map((number) => asked[number]) }));
    const isSame = choice?.ink === strokes && choice.count === told.digits.length;
    told.chosen = isSame ? choice.chosen : answer.chosen;
    Object.assign(told, told.digits[told.chosen]);
  }
  return told;
}

function emptyBox() {
  const frame = document.createElement("div");
  frame.className = "pad-box";
  frame.innerHTML = '<div><b></b><span class="share"></span></div>';
  return frame;
}

function fillBox(frame, { digit, probabilities, is_digit, box }) {
  const [left, top] = box.slice(0, 2).map((edge) => Math.max(0, edge - INK_AROUND));
  const [right, bottom] = box.slice(2).map((edge) => Math.min(1, edge + INK_AROUND));
  const sides = { left, top, width: right - left, height: bottom - top };
  for (const [side, share] of Object.entries(sides)) frame.style[side] = `${100 * share}%`;
  // Where there is no room above, below.
  frame.classList.toggle("below", top < 0.1);
  const percent = Math.min(99, Math.round(100 * probabilities[digit]));
  frame.querySelector("b").textContent = is_digit ? digit : "?";
  frame.querySelector(".share").textContent = is_digit ? `${percent}%` : "";
}

function showBoxes(detail) {
  boxed = detail?.digits ?? null;
  const digits = boxed ?? [];
  while (sheet.children.length > digits.length) sheet.lastChild.remove();
  while (sheet.children.length < digits.length) sheet.append(emptyBox());
  digits.forEach((digit, i) => fillBox(sheet.children[i], digit));
  const narrowest = Math.min(...[...sheet.children].map((frame) => frame.offsetWidth));
  sheet.dataset.labels = narrowest >= ROOM_ABREAST ? "abreast" : narrowest >= ROOM_STACKED ? "stacked" : "digits";
  markChosen(detail);
}

function markChosen(detail) {
  [...sheet.children].forEach((frame, i) => frame.classList.toggle("chosen", i === detail?.chosen));
}

// Until there is other ink, also when another model reads it.
function keepChoice(detail) {
  if (detail.digits !== boxed) return; // of a picture, not of the pad
  choice = { ink: strokes, count: boxed.length, chosen: detail.chosen };
  markChosen(detail);
}

function onBoxes(event) {
  if (!element.isConnected) {
    document.removeEventListener("digit-reading", onBoxes);
    return document.removeEventListener("digit-chosen", onBoxes);
  }
  if (event.type === "digit-reading") showBoxes(event.detail);
  else keepChoice(event.detail);
}
document.addEventListener("digit-reading", onBoxes);
document.addEventListener("digit-chosen", onBoxes);
