// Eight by eight pictures of 28 pixels with gaps of 2, blue above zero, orange below; zero is the card's own colour.
const canvas = element.querySelector("canvas");
const context = canvas.getContext("2d");
const [BLUE, ORANGE] = [[47, 85, 212], [217, 124, 33]];

function tile(bytes, offset) {
  const image = context.createImageData(28, 28);
  for (let i = 0; i < 784; i++) {
    const weight = (bytes.charCodeAt(offset + i) - 128) / 127;
    image.data.set([...(weight > 0 ? BLUE : ORANGE), 255 * Math.min(1, Math.abs(weight))], 4 * i);
  }
  return image;
}

function show() {
  const bytes = atob(props.value || "");
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (let k = 0; k < bytes.length / 784; k++) {
    context.putImageData(tile(bytes, 784 * k), 30 * (k % 8), 30 * Math.floor(k / 8));
  }
}

watch("value", show);
show();
