from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core import (
    Classifier,
    Explanation,
    PenDigits,
    TrainConfig,
    Weights,
    build_model,
    explain,
    preprocess_strokes,
)
from mnist_core.config import ACTIVATIONS
from mnist_core.data.typical import by_likeness, choose_typical, load_typical_digits
from mnist_core.inference.explain import gradient, integrated_gradients, lead, log_odds
from mnist_core.model.network import set_weights


def made_up(activation: str, seed: int = 0, widths: tuple[int, int] = (9, 8)) -> Classifier:
    random = np.random.default_rng(seed)
    first, second = widths
    shapes = [(784, first), (first,), (first, second), (second,), (second, 10), (10,)]
    return Classifier(Weights.from_arrays([random.normal(0, 0.2, shape) for shape in shapes], activation))


def odds_of(logits: np.ndarray, digit: int) -> float:
    """ln(p / (1 - p)) of the softmax."""
    return float(logits[digit] - np.logaddexp.reduce(np.delete(logits.astype(float), digit)))


@pytest.fixture(scope="module")
def shipped() -> Classifier:
    return Classifier.load()


@pytest.fixture(scope="module")
def drawings(pen_dev: PenDigits) -> list[np.ndarray]:
    return [preprocess_strokes(strokes) for strokes in pen_dev.strokes[::50]]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_chain_rule_agrees_with_the_tape(activation: str, random: np.random.Generator) -> None:
    import tensorflow as tf

    reader = made_up(activation)
    model = build_model(TrainConfig(hidden_units=(9, 8), activation=activation))
    set_weights(model, reader.weights)
    images = random.random((5, 28, 28), dtype=np.float32)

    def taped(score: Callable) -> np.ndarray:
        inputs = tf.Variable(images.reshape(5, 784))
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(score(model(inputs)))
        return np.asarray(tape.gradient(total, inputs)).reshape(5, 28, 28)

    def log_odds_of_4(logits: tf.Tensor) -> tf.Tensor:
        others = tf.concat([logits[:, :4], logits[:, 5:]], axis=1)
        return logits[:, 4] - tf.reduce_logsumexp(others, axis=1)

    def lead_of_7(logits: tf.Tensor) -> tf.Tensor:
        return logits[:, 7] - logits[:, 1]

    for contrast, score in ((log_odds(4), log_odds_of_4), (lead(7, 1), lead_of_7)):
        by_tape = taped(score)
        assert np.abs(by_tape).max() > 0.01
        assert np.allclose(gradient(reader, images, contrast), by_tape, atol=1e-5)


@given(
    activation=st.sampled_from(ACTIVATIONS),
    seed=st.integers(0, 1000),
    digit=st.integers(0, 9),
    widths=st.tuples(st.integers(1, 12), st.integers(1, 12)),
)
def test_the_parts_add_up_to_the_whole(activation: str, seed: int, digit: int, widths: tuple[int, int]) -> None:
    """Completeness, the axiom that gives integrated gradients their name."""
    reader = made_up(activation, seed, widths)
    start, end = np.random.default_rng(seed).random((2, 28, 28), dtype=np.float32)
    before, after = reader.logits(np.stack([start, end]))
    parts = integrated_gradients(reader, start, end, log_odds(digit), steps=2000)
    assert parts.sum() == pytest.approx(odds_of(after, digit) - odds_of(before, digit), abs=0.005)
    other = (digit + 1) % 10
    parts = integrated_gradients(reader, start, end, lead(digit, other), steps=2000)
    difference = (after[digit] - after[other]) - (before[digit] - before[other])
    assert parts.sum() == pytest.approx(difference, abs=0.005)


def test_the_parts_nearly_add_up_at_the_speed_of_drawing(shipped: Classifier, drawings: list[np.ndarray]) -> None:
    blank = shipped.logits(np.zeros((1, 28, 28), np.float32))[0]
    off = []
    for image in drawings:
        found = explain(shipped, image)
        whole = odds_of(shipped.logits(image[None])[0], found.digit) - odds_of(blank, found.digit)
        off.append(abs(found.attribution.sum() - whole) / abs(whole))
    assert np.median(off) < 0.03


def test_many_steps_in_parts_are_the_steps_one_by_one(shipped: Classifier, random: np.random.Generator) -> None:
    images = random.random((20, 28, 28), dtype=np.float32)
    one_by_one = np.concatenate([gradient(shipped, image[None], log_odds(2)) for image in images])
    assert np.allclose(gradient(shipped, images, log_odds(2)), one_by_one, atol=1e-4)


def test_a_linear_model_worked_out_by_hand() -> None:
    """Of a linear model, the lead's attribution is the ink times the difference of the two digits' kernels."""
    reader = made_up("linear")
    image = np.random.default_rng(1).random((28, 28), dtype=np.float32)
    kernel = reader.weights.kernel_1 @ reader.weights.kernel_2 @ reader.weights.kernel_3
    expected = image * (kernel[:, 3] - kernel[:, 8]).reshape(28, 28)
    found = integrated_gradients(reader, np.zeros_like(image), image, lead(3, 8))
    assert np.allclose(found, expected, atol=1e-4)


def test_blank_pixels_say_nothing(shipped: Classifier, drawings: list[np.ndarray]) -> None:
    for image in drawings:
        found = explain(shipped, image)
        assert not found.attribution[image == 0].any()
        assert (found.attribution > 0).any()
        assert found.change is None


def test_the_answer_is_explained_unless_another_digit_is_named(
    shipped: Classifier, seven: list[list[list[float]]]
) -> None:
    reading = shipped.read(seven)
    assert explain(shipped, reading.image).digit == reading.digit == 7
    one = explain(shipped, reading.image, digit=1)
    assert one.digit == 1
    # Whatever the 7 is, it is not for its upper bar that anybody would call it a 1.
    bar = reading.image.copy()
    bar[8:] = 0
    assert (one.attribution * (bar > 0.5)).sum() < 0


def test_a_7_without_its_bar_is_missing_it(shipped: Classifier) -> None:
    one = shipped.read([[[0.5, 0.2], [0.48, 0.8]]])
    change = explain(shipped, one.image, against=7).change
    assert (one.digit, change and change.digit) == (1, 7)
    assert change is not None
    upper_left = change.missing[:10, :14].sum()
    assert upper_left > 0.4 * change.missing.sum()


def test_a_1_would_need_the_bar_of_the_7_to_go(shipped: Classifier, seven: list[list[list[float]]]) -> None:
    seven_read = shipped.read(seven)
    change = explain(shipped, seven_read.image, against=1).change
    assert change is not None
    assert change.excess[:10, :16].sum() > 0.4 * change.excess.sum()


def test_missing_ink_is_where_the_typical_picture_has_more(shipped: Classifier, drawings: list[np.ndarray]) -> None:
    for image in drawings:
        digit = int(shipped.logits(image[None]).argmax())
        against = (digit + 1) % 10
        change = explain(shipped, image, against=against).change
        assert change is not None
        assert not change.missing[change.typical <= image].any()
        assert not change.excess[change.typical >= image].any()
        assert min(change.missing.min(), change.excess.min()) == 0
        assert change.missing.sum() + change.excess.sum() > 0
        assert shipped.logits(change.typical[None]).argmax() == against


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("widths", [(1, 1), (1024, 3), (1024, 1024)])
def test_every_model_that_can_be_trained_is_explained(activation: str, widths: tuple[int, int]) -> None:
    image = np.random.default_rng(0).random((28, 28), dtype=np.float32)
    found = explain(made_up(activation, widths=widths), image, digit=2, against=5)
    assert found.change is not None
    for array in (found.attribution, found.change.missing, found.change.excess, found.change.typical):
        assert (array.shape, array.dtype) == ((28, 28), np.float32)
        assert np.isfinite(array).all()


def test_bytes_and_shares_of_one_are_explained_alike(shipped: Classifier) -> None:
    image = by_likeness(np.zeros((28, 28)), 3)[0]
    of_bytes, of_shares = explain(shipped, image), explain(shipped, image / 255)
    assert isinstance(of_bytes, Explanation)
    assert np.allclose(of_bytes.attribution, of_shares.attribution, atol=1e-5)


@pytest.mark.parametrize("digit", [-1, 10, 1.5, "3", True])
def test_what_is_no_digit_is_refused(shipped: Classifier, digit: object) -> None:
    image = np.zeros((28, 28), np.float32)
    with pytest.raises(ValueError, match=r"`digit`.*0\.\.9"):
        explain(shipped, image, digit=digit)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"`against`.*0\.\.9"):
        explain(shipped, image, digit=0, against=digit)  # type: ignore[arg-type]


def test_a_digit_is_not_compared_with_itself(shipped: Classifier) -> None:
    with pytest.raises(ValueError, match="another digit than the answer: 4"):
        explain(shipped, np.zeros((28, 28), np.float32), digit=4, against=4)


@pytest.mark.parametrize("image", [np.zeros(784), np.zeros((28, 27)), np.zeros((28, 28), int)])
def test_pictures_of_another_shape_or_type_are_refused(shipped: Classifier, image: np.ndarray) -> None:
    with pytest.raises(ValueError, match="`images`"):
        explain(shipped, image)


def test_typical_digits_are_read_as_what_they_are(shipped: Classifier) -> None:
    typical = load_typical_digits()
    assert (typical.shape, typical.dtype) == ((10, 32, 28, 28), np.uint8)
    answers = shipped.logits(typical.reshape(-1, 28, 28)).argmax(axis=1)
    assert np.array_equal(answers, np.repeat(np.arange(10), 32))


def test_the_most_similar_typical_picture_comes_first() -> None:
    typical = load_typical_digits()
    for k in (0, 5, 31):
        ordered = by_likeness(typical[6, k].astype(np.float32) / 255, 6)
        assert np.array_equal(ordered[0], typical[6, k])
        assert sorted(picture.sum() for picture in ordered) == sorted(picture.sum() for picture in typical[6])


def test_typical_pictures_are_chosen_from_the_large_clusters() -> None:
    """Of 40 kinds of pictures, 32 come in threes: one of each of those is typical."""
    kinds = np.zeros((40, 28, 28), np.uint8)
    kinds.reshape(40, 14, 2, 14, 2)[np.arange(40), np.arange(40) // 14, :, np.arange(40) % 14] = 255
    images = np.concatenate([kinds, kinds[:32], kinds[:32]])
    assert {picture.tobytes() for picture in choose_typical(images)} == {picture.tobytes() for picture in kinds[:32]}
    with pytest.raises(ValueError, match="40 or more"):
        choose_typical(images[:39])
