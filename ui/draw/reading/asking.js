// What the pad asks the server: one request in flight, the newest ink next, stale answers dropped. Stands after
// sketchpad.js in one script.
const ASK_EVERY = 70; // ms between readings while ink lands
const GIVE_UP_AFTER = 8000; // ms without an answer
const ASK_AGAIN_AFTER = 3; // s, where the server did not answer

let wanted = false;
let inFlight = false;
let lastAsked = 0;
let timer = null;
let again = null;
let generation = 0; // counts what made earlier answers stale

// data-pending on the pad: there is ink that the panel does not show the reading of yet.
const setPending = (pending) => element.querySelector(".pad").toggleAttribute("data-pending", pending);
const tell = (detail) => document.dispatchEvent(new CustomEvent("digit-reading", { detail }));

function dropAnswers() {
  generation += 1;
  wanted = false;
  setPending(false);
}

function ask() {
  if (isEmpty()) {
    dropAnswers();
    tell(null);
  } else {
    setPending(true);
  }
  wanted = true; // of an empty pad too: a run that looks at the drawing must know that it is gone
  send();
}

async function send() {
  if (!wanted || inFlight) return;
  const wait = pointer === null ? 0 : lastAsked + ASK_EVERY - performance.now();
  if (wait > 0) {
    timer ??= setTimeout(() => ((timer = null), send()), wait);
    return;
  }
  wanted = false;
  inFlight = true;
  lastAsked = performance.now();
  const asked = generation;
  const wasEmpty = isEmpty();
  const about = picture ? null : strokes.map((stroke) => [...stroke]); // the last one may grow meanwhile
  const answer = await fetchAnswer();
  inFlight = false;
  if (asked === generation && !wasEmpty) {
    tell(withStrokes(answer, about));
    setPending(wanted);
  }
  if (answer.again) askLater(answer.again);
  send();
}

// The server was away, or too much was asked of it. New ink asks at once; without any, what is there is asked about.
function askLater(seconds) {
  clearTimeout(again);
  again = setTimeout(() => {
    if (!element.isConnected || inFlight || isEmpty()) return;
    wanted = true;
    send();
  }, 1000 * seconds);
}

async function fetchAnswer() {
  let patience;
  const late = new Promise((_, reject) => (patience = setTimeout(() => reject(new Error("late")), GIVE_UP_AFTER)));
  try {
    const answer = await Promise.race([server.read_drawing({ session: props.value, strokes, picture, ...options }), late]);
    // A request that failed, Gradio answers with its message, or with what came instead.
    if (!answer || !(answer.probabilities || answer.error || answer.blank)) throw new Error("no answer");
    forgetDrawing();
    return answer;
  } catch {
    keepDrawing();
    return {
      again: ASK_AGAIN_AFTER,
      error: "The server does not answer. Your drawing stays here, and My drawings are safe in your browser. It is asked again every few seconds.",
    };
  } finally {
    clearTimeout(patience);
  }
}

// The visitor's model changed, or their picture went: what is on the pad is read again.
function onWanted() {
  if (!element.isConnected) return document.removeEventListener("digit-reading-wanted", onWanted);
  dropAnswers();
  ask();
}
document.addEventListener("digit-reading-wanted", onWanted);

// What other parts of the page want to be told with each reading; the server knows the names.
const options = {};
function onOptions(event) {
  if (!element.isConnected) return document.removeEventListener("digit-options", onOptions);
  Object.assign(options, event.detail);
}
document.addEventListener("digit-options", onOptions);
document.dispatchEvent(new CustomEvent("digit-options-wanted")); // from those that were here first

// ---- reloads: the tab keeps its session, and the drawing when it is the connection's fault ----

const KEPT_KEY = "{kept_key}";
const KEPT_DRAWING = `${KEPT_KEY}-drawing`;
watch("value", () => {
  const before = tabKeeps.get(KEPT_KEY);
  if (before && before !== props.value) document.dispatchEvent(new CustomEvent("digit-session-lost"));
  tabKeeps.set(KEPT_KEY, props.value);
});

// When the server comes back, Gradio loads the page anew.
const keepDrawing = () => tabKeeps.set(KEPT_DRAWING, drawing());
const forgetDrawing = () => sessionStorage.removeItem(KEPT_DRAWING);
document.addEventListener("digit-connection-lost", keepDrawing);

// What comes out of the browser may be anything.
const isPoint = (point) => Array.isArray(point) && point.length === 2 && point.every(Number.isFinite);
const isStroke = (stroke) => Array.isArray(stroke) && stroke.length > 0 && stroke.every(isPoint);
const isPicture = (bytes) => bytes === null || (typeof bytes === "string" && /^[A-Za-z0-9+/]{1046}==$/.test(bytes));

function restoreDrawing() {
  const { strokes, picture } = tabKeeps.get(KEPT_DRAWING) ?? {};
  forgetDrawing();
  if (Array.isArray(strokes) && strokes.every(isStroke) && isPicture(picture)) putDown({ strokes, picture });
}

restoreDrawing();
