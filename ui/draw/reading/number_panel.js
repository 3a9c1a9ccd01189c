// The panel's part for a number: what the network sees of each digit, as buttons that choose whose bars are shown.
// Stands before reading_panel.js in one script.
const row = element.querySelector(".digit-row");
let number = null; // the answer whose digits are shown

const shownAs = (digit) => (digit.is_digit ? String(digit.digit) : "?");
const paint = (canvas, base64) => putImage(canvas.getContext("2d"), base64);

function digitButton(i) {
  const button = document.createElement("button");
  button.type = "button";
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 28;
  button.append(canvas);
  button.addEventListener("click", () => choose(i));
  return button;
}

function showRow(digits, chosen) {
  // The buttons stay while their count does, and with them the focus.
  if (row.children.length !== digits.length) row.replaceChildren(...digits.map((_, i) => digitButton(i)));
  digits.forEach((digit, i) => {
    const button = row.children[i];
    const sure = digit.is_digit ? percent(digit.probabilities[digit.digit], 0) : NO_DIGIT;
    button.setAttribute("aria-label", `Digit ${i + 1} of ${digits.length}: ${shownAs(digit)}, ${sure}`);
    button.setAttribute("aria-pressed", i === chosen);
    paint(button.firstChild, digit.image);
  });
}

function setLayout(count) {
  panel.toggleAttribute("data-number", count > 0);
  panel.style.setProperty("--digits", count || 1);
  panel.style.setProperty("--columns", count <= 6 ? count || 1 : Math.ceil(count / 2));
}

function letters(digits, chosen) {
  return digits.map((digit, i) => {
    const letter = document.createElement("span");
    letter.textContent = shownAs(digit);
    letter.classList.toggle("no-digit", !digit.is_digit);
    letter.classList.toggle("chosen", i === chosen);
    return letter;
  });
}

function showNumber(answer) {
  number = answer;
  const { digits, chosen } = answer;
  const text = digits.map(shownAs).join("");
  // All of them right, taken as independent.
  const share = digits.reduce((product, digit) => product * digit.probabilities[digit.digit], 1);
  const [state, words] = digits.every((digit) => digit.is_digit) ? confidence(share) : ["unsure", NOT_ALL_DIGITS];
  showText(state, { digit: text, words });
  part("[data-testid=reading]").replaceChildren(...letters(digits, chosen));
  setLayout(digits.length);
  showRow(digits, chosen);
  showBars(digits[chosen].probabilities, digits[chosen].digit);
}

function forgetNumber() {
  number = null;
  setLayout(0);
  row.replaceChildren();
}

function choose(chosen) {
  const { digits, model } = number;
  const detail = { ...digits[chosen], model, digits, chosen };
  showNumber(detail);
  document.dispatchEvent(new CustomEvent("digit-chosen", { detail }));
}
