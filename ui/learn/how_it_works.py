"""The "How it works" tab: what happens between the pen and the answer, for learners."""

from __future__ import annotations

import gradio as gr

_LAYERS = """
<svg class="layers" viewBox="0 0 640 176" role="img"
  aria-label="784 numbers go to 256 units, these to 128, and these to 10 outputs, one for each digit">
  <g fill="none" stroke="currentColor" stroke-opacity="0.3">
    <path d="M96 20 L216 35 M96 20 L216 115 M96 130 L216 35 M96 130 L216 115"/>
    <path d="M280 35 L400 50 M280 35 L400 100 M280 115 L400 50 M280 115 L400 100"/>
    <path d="M464 50 L568 58 M464 50 L568 92 M464 100 L568 58 M464 100 L568 92"/>
  </g>
  <g fill="var(--color-accent)" fill-opacity="0.16" stroke="var(--color-accent)">
    <rect x="32" y="8" width="64" height="134" rx="8"/><rect x="216" y="24" width="64" height="102" rx="8"/>
    <rect x="400" y="40" width="64" height="70" rx="8"/><rect x="568" y="48" width="56" height="54" rx="8"/>
  </g>
  <g fill="currentColor" font-size="17" text-anchor="middle">
    <text x="64" y="81">784</text><text x="248" y="81">256</text><text x="432" y="81">128</text>
    <text x="596" y="81">10</text>
    <g font-size="14" opacity="0.7">
      <text x="64" y="166">pixels</text><text x="248" y="166">ReLU</text><text x="432" y="166">ReLU</text>
      <text x="596" y="166">softmax</text>
    </g>
  </g>
</svg>
"""

_TEXT_BEFORE = """
### 1. A drawing becomes 784 numbers
Your strokes are cropped, scaled so that the longer side is 20 pixels, drawn with a pen as thick as that of the training
images, and placed by their centre of mass in an image of 28 by 28 pixels. That image is an array of shape
`[28, 28]`, 0 for paper and 1 for ink. *Flattened*, row after row, it is a list of `784` numbers.

### 2. Three layers turn them into ten
Each unit of a layer multiplies every number it gets by a weight of its own, adds them up with a bias, and hands the sum
on; in the first two layers, negative sums become 0 (*ReLU*). Without that step, three layers could do no more than one.
"""

_TEXT_AFTER = """
### 3. Softmax makes probabilities of the ten outputs
The ten outputs can be any numbers. *Softmax* raises e to the power of each and divides by the sum: ten probabilities
that add up to 1. The largest one is the answer.

### 4. Learning moves the weights
The label of a training image is written *one-hot*: a 3 is `[0, 0, 0, 1, 0, 0, 0, 0, 0, 0]`. A *loss* says how far the
outputs are from it. The *gradient tape* records the forward pass and works out, for each of the 235,146 weights and
biases, in which direction it makes the loss smaller; the *optimizer* takes a small step that way. One pass over all
60,000 images is an *epoch*. The **Retrain** tab does exactly this, with the settings you choose.

### Why it can be wrong
The network has only seen digits: whatever you draw, it looks for the nearest one. It reads one digit at a time, and a
digit written in a way that none of its teachers used may be read as another.
"""


def build_how_it_works() -> None:
    """Put the tab's content on the page."""
    gr.Markdown(_TEXT_BEFORE, elem_classes="how")
    gr.HTML(_LAYERS)
    gr.Markdown(_TEXT_AFTER, elem_classes="how")
