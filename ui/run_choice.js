const select = element.querySelector("select");

function show({ choices, number }) {
  select.replaceChildren(...choices.map(([title, value]) => new Option(title, value, false, value === number)));
}

select.addEventListener("change", () => {
  props.value = { ...props.value, number: Number(select.value) };
  trigger("input");
});

watch("value", () => show(props.value));
show(props.value);
