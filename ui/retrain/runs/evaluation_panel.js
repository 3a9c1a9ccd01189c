// The confusion matrix as a heat map whose cells can be picked, and the images behind them.
const part = (name) => element.querySelector(`[data-testid=${name}]`);
const table = part("confusion");
let asked = 0; // numbers the picks: the answer to an earlier one is dropped

function heading(text, scope) {
  const cell = document.createElement("th");
  [cell.textContent, cell.scope] = [text, scope];
  return cell;
}

// Mistakes are rare: their shade goes by the logarithm, so that one in a thousand still shows.
function shade(count, most) {
  return count ? 0.12 + (0.7 * Math.log1p(count)) / Math.log1p(most) : 0;
}

function cell(count, label, read, most) {
  const holder = document.createElement("td");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = count || "";
  button.disabled = !count;
  button.ariaLabel = `${label} read as ${read}: ${count}`;
  button.className = label === read ? "right" : "wrong";
  button.style.setProperty("--shade", label === read ? 0.35 : shade(count, most));
  button.addEventListener("click", () => pick(label, read, count));
  holder.append(button);
  return holder;
}

function showMatrix({ confusion, per_class }) {
  const wrong = confusion.map((row, label) => row.filter((_, read) => read !== label)).flat();
  const most = Math.max(1, ...wrong);
  const head = document.createElement("tr");
  head.append(heading("", "col"), ...confusion.map((_, read) => heading(read, "col")), heading("right", "col"));
  const rows = confusion.map((counts, label) => {
    const row = document.createElement("tr");
    const share = document.createElement("td");
    share.className = "share";
    share.textContent = `${(100 * per_class[label]).toFixed(1)}%`;
    row.append(heading(label, "row"), ...counts.map((count, read) => cell(count, label, read, most)), share);
    return row;
  });
  table.replaceChildren(head, ...rows);
}

function imageButton({ pixels, label, read, sure }) {
  const button = document.createElement("button");
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 28;
  const context = canvas.getContext("2d");
  const image = context.createImageData(28, 28);
  const bytes = atob(pixels);
  for (let i = 0; i < 784; i++) image.data.set([...Array(3).fill(255 - bytes.charCodeAt(i)), 255], 4 * i);
  context.putImageData(image, 0, 0);
  const words = document.createElement("span");
  words.textContent = label === read ? `${label}, ${(100 * sure).toFixed(0)}%` : `${label} as ${read}, ${(100 * sure).toFixed(0)}%`;
  button.type = "button";
  button.ariaLabel = `Send to the pad: a ${label} read as ${read}, ${(100 * sure).toFixed(0)}% sure`;
  button.append(canvas, words);
  button.addEventListener("click", () => document.dispatchEvent(new CustomEvent("digit-picture", { detail: pixels })));
  return button;
}

function showImages(title, images) {
  part("images-title").textContent = title;
  part("images").replaceChildren(...images.map(imageButton));
}

async function pick(label, read, count) {
  const { session, run } = props.value;
  const number = ++asked;
  let images = [];
  try {
    images = await server.cell_images({ session, run, label, read });
  } catch {}
  if (number !== asked) return;
  if (!Array.isArray(images) || !images.length) return showImages("The images did not come. Try again.", []);
  const some = images.length < count ? `, ${images.length} of ${count}` : "";
  showImages(label === read ? `${label}, read right${some}` : `${label} read as ${read}${some}`, images);
}

function show() {
  const value = props.value;
  if (!value) return;
  asked += 1;
  part("figures").textContent = value.figures;
  part("verdict").textContent = value.verdict;
  showMatrix(value);
  showImages("Worst mistakes", value.mistakes);
}

watch("value", show);
show();
