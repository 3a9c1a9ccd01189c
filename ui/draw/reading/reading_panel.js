// The reading panel: shows one answer at a time, whether the pad asked for it or a picture was read.
const panel = element.querySelector(".reading");
const part = (name) => panel.querySelector(name);
const picture = part("canvas").getContext("2d");
const bars = [...panel.querySelectorAll(".bars li")];

const INVITATION = "Draw a digit from 0 to 9, or a number";
const NO_DIGIT = "I don't think that is a digit";
const NOT_ALL_DIGITS = "I don't think all of these are digits";
const SPEAK_AFTER = 700; // ms without a change, so that a screen reader is not flooded

const KEPT_KEY = "{kept_key}";
const SHIPPED = "{shipped}"; // what the panel calls the model that everybody starts with

let padHasInk = false;
let spoken = null;

function speak(text) {
  clearTimeout(spoken);
  spoken = setTimeout(() => (part(".reading-spoken").textContent = text), SPEAK_AFTER);
}

function showText(state, { digit = "", words = "", message = "" }) {
  panel.dataset.state = state;
  part("[data-testid=reading]").textContent = digit;
  part("[data-testid=words]").textContent = words;
  part("[data-testid=message]").textContent = message;
  speak(message || `Reading: ${digit}. ${words}`);
}

function putImage(context, base64) {
  const image = context.createImageData(28, 28);
  const bytes = atob(base64);
  for (let i = 0; i < 784; i++) {
    const shade = bytes.charCodeAt(i);
    image.data.set([shade, shade, shade, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

// 99.97% must not be shown as certainty.
const percent = (share, digits) => `${Math.min(100 * share, 100 - 10 ** -digits).toFixed(digits)}%`;

function showBars(probabilities, best) {
  bars.forEach((bar, digit) => {
    const share = probabilities ? probabilities[digit] : 0;
    bar.classList.toggle("best", digit === best);
    bar.querySelector(".bar").style.width = `${100 * share}%`;
    bar.querySelector(".bar-share").textContent = probabilities ? percent(share, 1) : "";
  });
}

function confidence(share) {
  const [state, word] =
    share >= 0.9 ? ["sure", "sure"] : share >= 0.6 ? ["likely", "probably"] : ["unsure", "not sure"];
  return [state, `${word}, ${percent(share, 0)}`];
}

function showReading(answer) {
  if (answer.digits) return showNumber(answer);
  forgetNumber();
  const digit = String(answer.digit);
  const [state, words] = confidence(answer.probabilities[answer.digit]);
  if (answer.is_digit) showText(state, { digit, words });
  else showText("doubt", { digit: "?", words: NO_DIGIT });
  putImage(picture, answer.image);
  showBars(answer.probabilities, answer.digit);
}

function showNothing(state, message) {
  forgetNumber();
  showText(state, { message });
  picture.clearRect(0, 0, 28, 28);
  showBars(null, null);
}

// A visitor whose own model has given way to the shipped one without their doing is told, once and for all to see.
function tellGone(advice) {
  const name = tabKeeps.get(KEPT_KEY);
  if (!name) return;
  sessionStorage.removeItem(KEPT_KEY);
  part("[data-testid=gone]").textContent =
    `${name} is gone, with all runs: the server was started anew. My drawings are safe in your browser. ${advice}`;
}

function showModel(name) {
  part("[data-testid=model]").textContent = name;
  if (name === SHIPPED) return sessionStorage.removeItem(KEPT_KEY);
  tabKeeps.set(KEPT_KEY, name);
  part("[data-testid=gone]").textContent = "";
}

function show(answer) {
  if (answer?.lost) tellGone("Reload the page to train or teach again.");
  if (answer?.model) showModel(answer.model);
  if (answer?.error) showNothing("error", answer.error);
  else if (answer?.probabilities) showReading(answer);
  else showNothing("empty", INVITATION);
  document.dispatchEvent(new CustomEvent("digit-shown", { detail: answer })); // for what stands beside the reading
}

function onReading(event) {
  if (!element.isConnected) return document.removeEventListener("digit-reading", onReading);
  padHasInk = event.detail !== null;
  show(event.detail);
}
document.addEventListener("digit-reading", onReading);

watch("value", () => {
  const value = props.value;
  if (!value) return;
  showModel(value.model);
  const hasReading = value.probabilities || value.error;
  if (hasReading && !(value.again && padHasInk)) {
    show(value);
    document.dispatchEvent(new CustomEvent("digit-picture-read", { detail: value }));
  } else document.dispatchEvent(new CustomEvent("digit-reading-wanted"));
});

function onLost() {
  if (!element.isConnected) return document.removeEventListener("digit-session-lost", onLost);
  tellGone("Train or teach again.");
}
document.addEventListener("digit-session-lost", onLost);

// Not `showModel`: the page comes with the shipped one, whatever the visitor has in use.
part("[data-testid=model]").textContent = props.value.model;
showNothing("empty", INVITATION);
