// The drawings that the browser keeps, each an entry of its own in localStorage: a save is small, tabs do not write over
// each other's, and damage stays in one entry. An entry that has no room there is kept by this tab alone.
const PREFIX = "draw-a-digit-drawing-";
const UNREADABLE = "draw-a-digit-unreadable-";
const MOST_CHARACTERS_OF_ONE = 250_000;
const nothingIsKept = "nothingKept" in document.documentElement.dataset;

const drawings = new Map(); // id: {label, strokes, order}, in the order in which they were saved
const unkept = new Set(); // ids of those that only this tab has
let unreadable = 0; // entries that were set aside since the page came
let lastOrder = 0;

const isPoint = (point) => Array.isArray(point) && point.length === 2 && point.every(Number.isFinite);
const isStroke = (stroke) => Array.isArray(stroke) && stroke.length > 0 && stroke.every(isPoint);
const isDigit = (label) => Number.isInteger(label) && label >= 0 && label <= 9;

// The entry that a text holds; null for none, and for what no drawing takes, which the server would not look at.
function parsed(text) {
  try {
    if (text.length > MOST_CHARACTERS_OF_ONE) return null;
    const { label, strokes, order } = JSON.parse(text);
    const isEntry = isDigit(label) && Array.isArray(strokes) && strokes.length > 0 && strokes.every(isStroke);
    return isEntry ? { label, strokes, order: Number.isFinite(order) ? order : 0 } : null;
  } catch {
    return null;
  }
}

// Whether it can be read back.
function write(storage, key, text) {
  try {
    storage.setItem(key, text);
    return storage.getItem(key) === text;
  } catch {
    return false;
  }
}

// What cannot be read is kept under another name. Where there is no room for that, it stays where it is.
function setAside(key, text = localStorage.getItem(key)) {
  unreadable += 1;
  const isAside = write(localStorage, `${UNREADABLE}${key.replace(PREFIX, "")}-${Date.now()}`, text);
  if (isAside) for (const storage of [localStorage, sessionStorage]) storage.removeItem(key);
  return isAside;
}

function writeEntry(id) {
  const [key, text] = [PREFIX + id, JSON.stringify(drawings.get(id))];
  const before = localStorage.getItem(key);
  const isFree = before === null || parsed(before) !== null || setAside(key);
  const isKept = isFree && write(localStorage, key, text);
  if (isKept) sessionStorage.removeItem(key);
  else write(sessionStorage, key, text);
  if (isKept && !nothingIsKept) unkept.delete(id);
  else unkept.add(id);
}

function put(id, { label, strokes }) {
  // As late as the last one at least, so that they stay in order.
  lastOrder = Math.max(Date.now(), lastOrder + 1);
  drawings.set(id, { label, strokes, order: drawings.get(id)?.order ?? lastOrder });
  writeEntry(id);
}

function remove(ids) {
  for (const id of ids) {
    drawings.delete(id);
    unkept.delete(id);
    for (const storage of [localStorage, sessionStorage]) storage.removeItem(PREFIX + id);
  }
  writeUnkept();
}

// There may be room now.
function writeUnkept() {
  for (const id of [...unkept]) writeEntry(id);
}

function idsIn(storage) {
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
  return keys.filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
}

function readStorage() {
  const found = [];
  for (const id of idsIn(localStorage)) {
    const entry = parsed(localStorage.getItem(PREFIX + id));
    if (entry) found.push([id, entry]);
    else setAside(PREFIX + id);
  }
  for (const id of idsIn(sessionStorage)) {
    const entry = parsed(sessionStorage.getItem(PREFIX + id));
    if (entry) found.push([id, entry]), unkept.add(id);
  }
  found.sort(([, a], [, b]) => a.order - b.order);
  for (const [id, entry] of found) drawings.set(id, entry);
  lastOrder = found.at(-1)?.[1].order ?? 0;
  writeUnkept();
}

// What another tab has done to an entry; null for the key where it has cleared all.
function follow(key, text) {
  if (key === null) return remove([...drawings.keys()].filter((id) => !unkept.has(id)));
  const id = key.slice(PREFIX.length);
  const entry = parsed(text);
  if (entry) drawings.set(id, entry), unkept.delete(id);
  else if (text === null) drawings.delete(id), unkept.delete(id);
}
