// My drawings: asks for them while it is open, and shows what the model in use reads.
const MAX_CHARACTERS = Number("{max_characters}");
const PATIENCE = 8000; // ms
const SVG = "http://www.w3.org/2000/svg";
const gallery = element.querySelector(".gallery");
const part = (name) => gallery.querySelector(name);
const button = (name) => part(`[data-do=${name}]`);
const items = part(".gallery-items");
const file = part("input[type=file]");
let total = 0;
let asked = 0; // numbers the questions: the answer to an earlier one is dropped
let isStale = true;

function say(text, isRefusal = false) {
  part(".gallery-said").textContent = text;
  part(".gallery-said").classList.toggle("refusal", isRefusal);
}

// A file may be chosen before the page has its session, which who comes to a full app never gets.
let open;
const isOpen = new Promise((resolve) => {
  open = resolve;
  setTimeout(resolve, PATIENCE);
});

async function change(request) {
  await isOpen;
  try {
    const answer = await server.change_drawings({ session: props.value.session, ...request });
    if (answer?.counts || answer?.error) return answer;
  } catch {}
  return { error: "The server does not answer. Try again." };
}

async function change_and_tell(request) {
  const answer = await change(request);
  if (answer.error) say(answer.error, true);
  else document.dispatchEvent(new CustomEvent("digit-drawings", { detail: answer }));
  return answer;
}

// ---- what there is ----

function drawingItem({ id, label, read, outline }) {
  const item = document.createElement("li");
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 100 100");
  picture.setAttribute("aria-hidden", "true");
  picture.append(document.createElementNS(SVG, "path"));
  picture.firstChild.setAttribute("d", outline);
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

async function deleteOne(id, item) {
  const next = item.nextElementSibling ?? item.previousElementSibling;
  const nextId = next?.dataset.id;
  const answer = await change_and_tell({ do: "delete", id });
  if (answer.error) return;
  await refresh();
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

function showItems(answer) {
  showCounts(answer.counts);
  const wrong = answer.items.filter(({ label, read }) => label !== read).length;
  part("[data-testid=gallery-note]").textContent = wrong
    ? `The model in use reads ${wrong} of ${total} wrong: marked ✗.`
    : `The model in use reads all of them right.`;
  // The newest first.
  items.replaceChildren(...answer.items.reverse().map(drawingItem));
}

async function refresh() {
  isStale = true;
  if (!gallery.open || !props.value) return;
  const number = ++asked;
  const answer = await change({ do: "list" });
  if (number !== asked) return;
  isStale = false;
  if (answer.error) say(answer.error, true);
  else showItems(answer);
}

gallery.addEventListener("toggle", () => isStale && refresh());

// ---- files ----

button("download").addEventListener("click", async () => {
  const answer = await change({ do: "download" });
  if (answer.error) return say(answer.error, true);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([answer.text], { type: "application/json" }));
  link.download = "my_drawings.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
});

button("upload").addEventListener("click", () => file.click());
file.addEventListener("change", async () => {
  const [chosen] = file.files;
  if (!chosen) return;
  // A file too large to be read is not even sent: the server would refuse it.
  const text = chosen.size > MAX_CHARACTERS ? null : await chosen.text();
  file.value = "";
  if (text === null) return say(`${chosen.name} is too large: a file of drawings has at most ${MAX_CHARACTERS} characters.`, true);
  const answer = await change_and_tell({ do: "upload", text });
  if (answer.error) return say(`${chosen.name}: ${answer.error}`, true);
  const known = answer.known ? `, ${answer.known} were there already` : "";
  say(`${answer.added} added${known}.`);
});

// ---- deleting all ----

function ask(isAsking) {
  part(".gallery-confirm").hidden = !isAsking;
  button("clear").hidden = isAsking;
  part("[data-testid=confirm]").textContent = isAsking ? `Delete all ${total}? Nothing brings them back.` : "";
  button(isAsking ? "keep" : "clear").focus();
}
button("clear").addEventListener("click", () => ask(true));
button("keep").addEventListener("click", () => ask(false));
button("really").addEventListener("click", async () => {
  const answer = await change_and_tell({ do: "clear" });
  ask(false);
  if (!answer.error) say("All deleted.");
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
listen("digit-drawings", (answer) => {
  if (answer.error) return;
  say("");
  showCounts(answer.counts);
  refresh();
});
listen("digit-reading-wanted", refresh);
watch("value", () => {
  open();
  showCounts(props.value.counts);
  refresh();
});
showCounts(Array(10).fill(0));
