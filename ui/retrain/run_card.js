// Shows the value; and when a run should be telling of itself but does not, says that, and when the connection is lost.
const SILENCE = 6000; // ms; a run tells of itself five times a second
const card = element.querySelector(".run-card");
const part = (name) => card.querySelector(name);
let heard = 0;
let asking = false;

function show({ text, more, share, state }) {
  card.dataset.state = state;
  part(".run-text").textContent = text;
  part(".run-more").textContent = more;
  part(".run-bar").style.width = `${100 * share}%`;
  part(".run-track").setAttribute("aria-valuenow", Math.round(100 * share));
}

// A server that is stopped for a moment answers late, one that cannot be reached answers never: only that is a loss.
async function ask() {
  asking = true;
  const asked = performance.now();
  try {
    await fetch(location.href, { method: "HEAD", cache: "no-store" });
  } catch {
    if (heard > asked || props.value.state !== "running") return;
    document.dispatchEvent(new CustomEvent("digit-connection-lost"));
    show({ ...props.value, text: props.value.lost, more: "", state: "failed" });
  } finally {
    asking = false;
  }
}

watch("value", () => {
  heard = performance.now();
  show(props.value);
});

const timer = setInterval(() => {
  if (!element.isConnected) return clearInterval(timer);
  const silent = performance.now() - heard;
  if (card.dataset.state !== "running" || silent < SILENCE) return;
  part(".run-text").textContent = props.value.silent.replace("{}", Math.round(silent / 1000));
  if (!asking) ask();
}, 1000);

show(props.value);
