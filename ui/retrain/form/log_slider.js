// A range input moves in logarithms, the field shows the number itself.
const field = element.querySelector("input[type=text]");
const range = element.querySelector("input[type=range]");
const [LOW, HIGH] = [Number(range.min), Number(range.max)];
[range.min, range.max] = [Math.log10(LOW), Math.log10(HIGH)];

// Two digits: 0.0021, not 0.00213796.
const rounded = (number) => Number(number.toPrecision(2));

function show(value) {
  field.value = value;
  const number = Number(value);
  if (number > 0) range.value = Math.log10(number);
}

function tell(value) {
  props.value = value;
  trigger("input");
}

range.addEventListener("input", () => (field.value = rounded(10 ** Number(range.value))));
range.addEventListener("change", () => tell(rounded(10 ** Number(range.value))));
field.addEventListener("change", () => {
  const text = field.value.trim().replace(",", ".");
  const number = Number(text);
  const value = text !== "" && Number.isFinite(number) ? number : text;
  show(value);
  tell(value);
});

watch("value", () => show(props.value));
show(props.value);
