// My drawings: shows them while it is open, with what the model in use reads.
const FORMAT = "{format}";
const MAX_DRAWINGS = Number("{max_drawings}");
const MAX_CHARACTERS = Number("{max_characters}");
const SVG = "http://www.w3.org/2000/svg";
const gallery = element.querySelector(".gallery");
const part = (name) => gallery.querySelector(name);
const button = (name) => part(`[data-do=${name}]`);
const items = part(".gallery-items");
const file = part("input[type=file]");
let total = 0;
let asked = 0; // numbers the questions: the answer to an earlier one is dropped
let reads = new Map(); // by id, what the model in use reads
let isStale = true;

function say(text, isRefusal = false) {
  part(".gallery-said").textContent = text;
  part(".gallery-said").classList.toggle("refusal", isRefusal);
}

// ---- what there is ----

// The path of an SVG picture with a side of 100, the ink centred in it. A dot is a line of no length.
function outline(strokes) {
  const [xs, ys] = [0, 1].map((axis) => strokes.flat().map((point) => point[axis]));
  const [low, high] = [Math.min, Math.max].map((most) => [most(...xs), most(...ys)]);
  const scale = 80 / Math.max(high[0] - low[0], high[1] - low[1], 0.2);
  const unit = (value, axis) => Math.round((value - (low[axis] + high[axis]) / 2) * scale + 50);
  return strokes.map((stroke) => "M" + [...stroke, stroke.at(-1)].map((point) => point.map(unit).join(" ")).join("L")).join("");
}

function drawingItem({ id, label, strokes }) {
  const read = reads.get(id) ?? label;
  const item = document.createElement("li");
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 100 100");
  picture.setAttribute("aria-hidden", "true");
  picture.append(document.createElementNS(SVG, "path"));
  picture.firstChild.setAttribute("d", outline(strokes));
  const caption = document.createElement("div");
  caption.className = "gallery-caption";
  caption.textContent = read === label ? `${label}` : `✗ ${label}, read ${read}`;
  const remove = document.createElement("button");
  Object.assign(remove, { type: "button", className: "gallery-delete", textContent: "×", title: "Delete" });
  remove.ariaLabel = `Delete this ${label}`;
  remove.addEventListener("click", () => deleteOne(id, item));
  item.classList.toggle("misread", read !== label);
  item.dataset.id = id;
  item.append(picture, caption, remove);
  return item;
}

function deleteOne(id, item) {
  const next = item.nextElementSibling ?? item.previousElementSibling;
  const nextId = next?.dataset.id;
  window.digitDrawings.remove([id]);
  (items.querySelector(`[data-id="${nextId}"] button`) ?? part("summary")).focus();
}

function showCounts(counts) {
  total = counts.reduce((sum, count) => sum + count, 0);
  part("[data-testid=gallery-total]").textContent = `(${total})`;
  part(".gallery-empty").hidden = total > 0;
  part(".gallery-full").hidden = !total;
  for (const name of ["download", "clear"]) button(name).disabled = !total;
  part(".gallery-counts").replaceChildren(
    ...counts.map((count, digit) => {
      const item = document.createElement("li");
      const name = Object.assign(document.createElement("b"), { textContent: digit });
      item.append(name, ` × ${count}`);
      return item;
    }),
  );
}

function showItems() {
  const all = window.digitDrawings.all();
  const known = all.filter(({ id }) => reads.has(id));
  const wrong = known.filter(({ id, label }) => reads.get(id) !== label).length;
  part("[data-testid=gallery-note]").textContent =
    known.length < total
      ? ""
      : wrong
        ? `The model in use reads ${wrong} of ${total} wrong: marked ✗.`
        : `The model in use reads all of them right.`;
  const focused = items.contains(document.activeElement) && document.activeElement.closest("li").dataset.id;
  // The newest first.
  items.replaceChildren(...all.reverse().map(drawingItem));
  if (focused) items.querySelector(`[data-id="${focused}"] button`)?.focus();
}

async function refresh() {
  isStale = true;
  if (!gallery.open || !window.digitDrawings) return;
  const number = ++asked;
  isStale = false;
  showItems();
  const ids = window.digitDrawings.all().map(({ id }) => id).filter((id) => !reads.has(id));
  if (!ids.length) return;
  try {
    const digits = await window.digitDrawings.read(ids);
    if (number !== asked) return;
    ids.forEach((id, i) => digits[i] !== null && reads.set(id, digits[i]));
    showItems();
  } catch ({ message }) {
    say(message, true);
  }
}

gallery.addEventListener("toggle", () => isStale && refresh());

// ---- files ----

button("download").addEventListener("click", () => {
  const drawings = window.digitDrawings.all().map(({ label, strokes }) => ({ label, strokes }));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify({ format: FORMAT, drawings })], { type: "application/json" }));
  link.download = "my_drawings.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
});

button("upload").addEventListener("click", () => file.click());
file.addEventListener("change", async () => {
  const [chosen] = file.files;
  if (!chosen) return;
  try {
    const entries = await entriesIn(chosen);
    file.value = "";
    say(toldAdded(await window.digitDrawings.add(entries, true)));
  } catch ({ message }) {
    file.value = "";
    say(`${chosen.name}: ${message}`, true);
  }
});

// Raises an Error that says what is wrong with the file.
async function entriesIn(chosen) {
  if (chosen.size > MAX_CHARACTERS) throw new Error(`The file is too large: a file of drawings has at most ${MAX_CHARACTERS} characters.`);
  let content;
  try {
    content = JSON.parse(await chosen.text());
  } catch {
    throw new Error("The file is not JSON. Accepted is a file of drawings, as Download makes it.");
  }
  const { format, drawings } = content ?? {};
  if (format !== FORMAT || !Array.isArray(drawings)) throw new Error("This holds no drawings. Accepted is a file of drawings, as Download makes it.");
  if (drawings.length > MAX_DRAWINGS) throw new Error(`At most ${MAX_DRAWINGS} drawings are accepted. Received: ${drawings.length}`);
  return drawings;
}

function toldAdded(results) {
  const known = results.filter(({ before }) => typeof before === "number").length;
  const bad = results.findIndex(({ error }) => error);
  const badCount = results.filter(({ error }) => error).length;
  const also = known ? `, ${known} were there already` : "";
  const not = badCount ? ` ${badCount} could not be added; the first is drawing ${bad + 1}: ${results[bad].error}` : "";
  return `${results.length - known - badCount} added${also}.${not}`;
}

// ---- deleting all ----

function ask(isAsking) {
  part(".gallery-confirm").hidden = !isAsking;
  button("clear").hidden = isAsking;
  part("[data-testid=confirm]").textContent = isAsking ? `Delete all ${total}? Nothing brings them back.` : "";
  button(isAsking ? "keep" : "clear").focus();
}
button("clear").addEventListener("click", () => ask(true));
button("keep").addEventListener("click", () => ask(false));
button("really").addEventListener("click", () => {
  window.digitDrawings.remove(window.digitDrawings.all().map(({ id }) => id));
  ask(false);
  say("All deleted.");
  part("summary").focus();
});

// ---- what the page tells ----

function listen(name, handler) {
  const listener = (event) => {
    if (!element.isConnected) return document.removeEventListener(name, listener);
    handler(event.detail);
  };
  document.addEventListener(name, listener);
}
function onDrawings({ counts }) {
  showCounts(counts);
  refresh();
}
listen("digit-drawings", onDrawings);
listen("digit-saved", () => say(""));
listen("digit-reading-wanted", () => {
  reads = new Map();
  refresh();
});
showCounts(Array(10).fill(0));
document.dispatchEvent(new CustomEvent("digit-drawings-wanted"));
