// My drawings, for all panels: the browser keeps them, and the server, which checks, reads and learns from them, is told.
const OLD_KEY = "{old_key}"; // under which the first release kept all of them as one value
const MOST = Number("{most}"); // drawings that the server takes
const AT_ONCE = Number("{at_once}"); // of a request
const MOST_CHARACTERS = 250_000; // of a request
const PATIENCE = 8000; // ms
const SYNC_AGAIN_AFTER = 3000; // ms
const NO_ANSWER = "The server does not answer: nothing was changed. Try again.";

// A file may be chosen before the page has its session, which who comes to a full app never gets.
let meet;
const hasMet = new Promise((resolve) => {
  meet = resolve;
  setTimeout(resolve, PATIENCE);
});

let isSynced = false; // whether the server has what this page has
let lastRequest = Promise.resolve(); // one after another
let refusedBecause = ""; // why the server refused what the browser kept

async function request(body) {
  for (let tries = 1; ; tries++) {
    let late;
    const patience = new Promise((_, reject) => (late = setTimeout(reject, PATIENCE)));
    try {
      const asked = server.change_drawings({ session: props.value.session, ...body });
      const answer = await Promise.race([asked, patience]);
      if (!answer || !(answer.counts || answer.error)) throw new Error("no answer");
      if (answer.lost) document.dispatchEvent(new CustomEvent("digit-connection-lost")); // keeps the ink for the reload
      // Too much at once: it says when to ask again.
      if (!answer.again || tries === 5) return answer;
      await new Promise((done) => setTimeout(done, 1000 * answer.again));
    } catch {
      return { error: NO_ANSWER };
    } finally {
      clearTimeout(late);
    }
  }
}

function inTurn(work) {
  const result = lastRequest.then(work);
  lastRequest = result.catch(() => {});
  return result;
}

// As many as one request may hold.
function parts(list) {
  const found = [];
  let size = Infinity;
  for (const each of list) {
    const more = JSON.stringify(each).length;
    if (size + more > MOST_CHARACTERS || found.at(-1).length === AT_ONCE) [size] = [0, found.push([])];
    found.at(-1).push(each);
    size += more;
  }
  return found;
}
// Tabs that save at the same time may have more than the server takes: they are kept here all the same.
const labels = () => Object.fromEntries([...drawings].slice(0, MOST).map(([id, { label }]) => [id, label]));

// Raises what the server says where it does not do it.
async function ask(body) {
  const answer = await request(body);
  if (!answer.error) return answer;
  isSynced = false;
  throw Object.assign(new Error(answer.error), { isLost: answer.lost });
}

async function syncNow() {
  if (isSynced || !props.value) return;
  isSynced = true;
  const { unknown } = await ask({ do: "sync", labels: labels() });
  for (const part of parts(unknown)) {
    const ids = part.filter((id) => drawings.has(id));
    const { added } = await ask({ do: "add", drawings: ids.map((id) => drawings.get(id)) });
    ids.forEach((id, i) => settle(id, added[i]));
  }
}

// What the server made of what the browser kept.
function settle(id, answer) {
  const entry = drawings.get(id);
  if (!entry || answer.id === id) return;
  if (answer.error) {
    refusedBecause = answer.error;
    drawings.delete(id);
    unkept.delete(id);
    return setAside(PREFIX + id, JSON.stringify(entry));
  }
  drawings.set(answer.id, entry);
  put(answer.id, answer);
  remove([id]);
}

// Tell the server and the page of changes. Without an answer, it is told again in a while.
async function sync() {
  isSynced = false;
  tellPage();
  if (!props.value) return;
  try {
    await inTurn(syncNow);
  } catch ({ isLost }) {
    if (!isLost) setTimeout(() => element.isConnected && !isSynced && sync(), SYNC_AGAIN_AFTER);
  }
  tellPage();
}

function tellPage() {
  const counts = Array(10).fill(0);
  for (const { label } of drawings.values()) counts[label] += 1;
  const detail = { counts, total: drawings.size, unkept: unkept.size, nothingIsKept, unreadable, refusedBecause };
  document.dispatchEvent(new CustomEvent("digit-drawings", { detail }));
}

// ---- what the panels ask for ----

// Answers what was added, in order: {id, label, before: the label that it had here, or null} or {error}. Raises an
// Error where nothing was changed, or only a part. A new label takes the place of the one here, unless that `stays`.
async function add(entries, stays = false) {
  await hasMet;
  if (!props.value) throw new Error("This page has no place in the app: reload it.");
  return inTurn(async () => {
    await syncNow();
    const results = [];
    for (const part of parts(entries)) {
      const { added } = await ask({ do: "add", drawings: part });
      for (const entry of added) {
        const before = drawings.get(entry.id)?.label ?? null;
        if (stays && before !== null) isSynced = isSynced && before === entry.label;
        else if (!entry.error) put(entry.id, entry);
        results.push(entry.error ? entry : { id: entry.id, label: entry.label, before });
      }
    }
    return results;
  });
}

window.digitDrawings = {
  all: () => [...drawings].map(([id, { label, strokes }]) => ({ id, label, strokes })),
  async add(entries, stays) {
    try {
      return await add(entries, stays);
    } finally {
      if (isSynced) tellPage();
      else sync(); // the server may have done what it did not answer
    }
  },
  label(id, label) {
    if (drawings.has(id)) put(id, { ...drawings.get(id), label });
    return sync();
  },
  remove(ids) {
    remove(ids);
    return sync();
  },
  // A digit for each id, by the model in use; null for what the server does not know.
  async read(ids) {
    await hasMet;
    if (!props.value) return ids.map(() => null);
    return inTurn(async () => {
      await syncNow();
      const reads = [];
      for (const part of parts(ids)) reads.push(...(await ask({ do: "read", ids: part })).reads);
      return reads;
    });
  },
  // The server knows all of them, if it answers.
  async synced() {
    await hasMet;
    await inTurn(syncNow);
  },
  bringOld,
};

// ---- the first release's value ----

const oldAtFirst = localStorage.getItem(OLD_KEY);

// `old`: what Gradio made of it when the page came; null where it could not.
async function bringOld(old) {
  await hasMet;
  const text = localStorage.getItem(OLD_KEY);
  if (text === null || !props.value) return;
  if (!Array.isArray(old?.drawings)) {
    // What came later, Gradio has not seen.
    if (text === oldAtFirst) setAside(OLD_KEY), tellPage();
    return;
  }
  try {
    const results = await window.digitDrawings.add(old.drawings, true);
    const bad = [...results.keys()].filter((i) => results[i].error);
    unreadable += bad.length;
    if (bad.length) refusedBecause = results[bad[0]].error;
    const areAside = bad.every((i) => write(localStorage, `${UNREADABLE}old-${i}-${Date.now()}`, JSON.stringify(old.drawings[i])));
    if (areAside) forgetOld(text);
  } catch {} // when the page comes again
  tellPage();
}

// Both may be too much for the browser: then the old value makes room for the new entries, or comes back.
function forgetOld(text) {
  localStorage.removeItem(OLD_KEY);
  const late = [...unkept];
  writeUnkept();
  if (!unkept.size || nothingIsKept) return;
  for (const id of late) localStorage.removeItem(PREFIX + id), unkept.add(id);
  write(localStorage, OLD_KEY, text);
}

// ---- other tabs ----

let following = null;
window.addEventListener("storage", function onStorage({ key, newValue, storageArea }) {
  if (!element.isConnected) return window.removeEventListener("storage", onStorage);
  if (storageArea !== localStorage || (key !== null && !key.startsWith(PREFIX))) return;
  follow(key, newValue);
  clearTimeout(following);
  following = setTimeout(sync, 50); // once for all of a batch
});

readStorage();
