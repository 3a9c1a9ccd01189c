// A line chart of a few curves over epochs. It is drawn anew for each value: cheap, as there are at most 200 points.
const svg = element.querySelector("svg");
const legend = element.querySelector(".chart-legend");
const MARGIN = { left: 38, right: 8, top: 6, bottom: 20 };
const SETTLED = 0.12; // of a run: what comes before may leave the chart at the bottom or the top

const make = (name, attributes, text) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
};

// About `count` round numbers between two others.
function ticks(low, high, count) {
  const rough = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((s) => s >= rough * 0.99);
  const found = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step / 1e6; tick += step) found.push(tick);
  return found.map((tick) => Number(tick.toPrecision(6)));
}

function extent({ curves, bounds }) {
  if (bounds) return { low: bounds[0], high: bounds[1] };
  // A curve of two or three points has no beginning to leave out.
  const settled = curves.flatMap(({ points }) =>
    points.filter(([x]) => points.length < 4 || x >= SETTLED * points.at(-1)[0]));
  const heights = settled.map(([, y]) => y);
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  const room = (high - low) * 0.08 || Math.abs(high) * 0.02 || 1;
  return { low: Math.max(low - room, low >= 0 ? 0 : -Infinity), high: high + room };
}

// From 0..1 of the chart's width to epochs and back; on a logarithmic axis the first epoch of all is at the left.
function epochs({ curves, log }) {
  const all = curves.flatMap(({ points }) => points.map(([x]) => x));
  const [first, right] = [Math.min(...all), Math.max(...all)];
  if (!log || first <= 0 || first === right) {
    const marks = ticks(0, right, 5).slice(1);
    return { ticks: marks, to: (x) => x / (right || 1), from: (share) => share * right };
  }
  const span = Math.log(right / first);
  const marks = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000].filter((x) => x >= first && x <= right);
  return { ticks: marks, to: (x) => Math.log(x / first) / span, from: (share) => first * Math.exp(share * span) };
}

const formatted = (y) => (Math.abs(y) >= 10 ? y.toFixed(1) : Number(y.toPrecision(3)).toString());

function draw() {
  const { width, height } = svg.getBoundingClientRect();
  const { curves } = props.value;
  element.querySelector(".chart").classList.toggle("empty", !curves.length);
  svg.replaceChildren();
  if (!curves.length || !width) return;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const { low, high } = extent(props.value);
  const across = epochs(props.value);
  const x = (value) => MARGIN.left + across.to(value) * (width - MARGIN.left - MARGIN.right);
  const y = (value) =>
    height - MARGIN.bottom - ((value - low) / (high - low)) * (height - MARGIN.top - MARGIN.bottom);
  for (const tick of ticks(low, high, 4)) {
    svg.append(make("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(tick), y2: y(tick) }));
    svg.append(make("text", { class: "tick", x: MARGIN.left - 6, y: y(tick) + 4, "text-anchor": "end" }, tick));
  }
  for (const tick of across.ticks) {
    svg.append(make("text", { class: "tick", x: x(tick), y: height - 4, "text-anchor": "middle" }, tick));
  }
  const clipped = make("svg", {
    x: 0, y: MARGIN.top - 2, width, height: height - MARGIN.top - MARGIN.bottom + 4,
    viewBox: `0 ${MARGIN.top - 2} ${width} ${height - MARGIN.top - MARGIN.bottom + 4}`,
  });
  for (const { color, points, named } of curves) {
    const style = { stroke: color, "stroke-width": named === false ? 1 : 2 };
    const path = points.map(([px, py], i) => `${i ? "L" : "M"}${x(px).toFixed(1)} ${y(py).toFixed(1)}`).join("");
    clipped.append(make("path", { class: "curve", d: path, ...style }));
    const [lastX, lastY] = points.at(-1);
    if (named !== false) clipped.append(make("circle", { cx: x(lastX), cy: y(lastY), r: 2.5, fill: color }));
  }
  svg.append(clipped);
}

// The values at an epoch; at the end when none is given.
function showLegend(epoch) {
  const { curves, note } = props.value;
  const at = (points) => points.reduce((a, b) => (Math.abs(b[0] - epoch) < Math.abs(a[0] - epoch) ? b : a));
  const entries = curves.filter(({ named }) => named !== false).map(({ name, color, unit, points }) => {
    const [, value] = epoch === undefined ? points.at(-1) : at(points);
    const entry = document.createElement("span");
    const dot = document.createElement("i");
    dot.style.background = color;
    entry.append(dot, `${name} ${formatted(value)}${unit}`);
    return entry;
  });
  const end = document.createElement("span");
  end.textContent = epoch === undefined ? note : `at epoch ${epoch.toFixed(1)}`;
  legend.replaceChildren(...entries, end);
}

svg.addEventListener("pointermove", (event) => {
  if (!props.value.curves.length) return;
  const { left, width } = svg.getBoundingClientRect();
  const share = (event.clientX - left - MARGIN.left) / (width - MARGIN.left - MARGIN.right);
  showLegend(epochs(props.value).from(Math.min(1, Math.max(0, share))));
});
svg.addEventListener("pointerleave", () => showLegend());

function show() {
  draw();
  showLegend();
}
watch("value", show);
new ResizeObserver(draw).observe(svg);
show();
