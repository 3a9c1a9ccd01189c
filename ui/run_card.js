// Shows the value; and when a run should be telling of itself but does not, says that the connection is lost.
const SILENCE = 6000; // ms; a run tells of itself five times a second
const card = element.querySelector(".run-card");
const part = (name) => card.querySelector(name);
let heard = 0;

function show({ text, more, share, state }) {
  card.dataset.state = state;
  part(".run-text").textContent = text;
  part(".run-more").textContent = more;
  part(".run-bar").style.width = `${100 * share}%`;
  part(".run-track").setAttribute("aria-valuenow", Math.round(100 * share));
}

watch("value", () => {
  heard = performance.now();
  show(props.value);
});

const timer = setInterval(() => {
  if (!element.isConnected) return clearInterval(timer);
  if (card.dataset.state !== "running" || performance.now() - heard < SILENCE) return;
  document.dispatchEvent(new CustomEvent("digit-connection-lost"));
  show({ ...props.value, text: props.value.lost, more: "", state: "failed" });
}, 1000);

show(props.value);
