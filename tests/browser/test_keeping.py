"""My drawings in the browser: nothing is lost in silence, whatever room it has, what is damaged, and how many tabs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.pad import ONE, TWO_STROKES, Pad, Retrain, Stroke
from tests.support.teach import Teach
from ui.visitor.drawings import FORMAT

OpenPad = Callable[..., Pad]

THREE: list[tuple[list[Stroke], int]] = [(ONE, 1), (TWO_STROKES, 4), ([ONE[0], *TWO_STROKES], 3)]
OLD_KEY = "draw-a-digit-drawings"
OLD_VALUE = (Path(__file__).parent / "first_release_drawings.txt").read_text(encoding="utf-8").strip()  # of THREE
KEY = "draw-a-digit-drawing-"

# Until not one character more has room.
FILL = """storage => {
    let part = "x".repeat(1 << 20), number = 0;
    while (part) {
        try {
            window[storage].setItem(`fill-${number++}`, part);
        } catch {
            part = part.slice(0, part.length >> 1);
        }
    }
}"""
EMPTY = """() => {
    for (const key of Object.keys(localStorage)) if (key.startsWith("fill-")) localStorage.removeItem(key);
}"""
ENTRIES = "() => Object.fromEntries(Object.entries(localStorage))"


def entries(page: Page) -> dict[str, str]:
    """What the browser keeps for the app's visitors."""
    return dict(page.evaluate(ENTRIES))


def tab_beside(teach: Teach) -> Teach:
    """Another tab of the same browser."""
    page = teach.page.context.new_page()
    page.goto(teach.page.url)
    return Teach(Pad(page))


def come_anew(teach: Teach) -> None:
    """As a visitor who closed the tab and comes again: of the tab, nothing is left."""
    teach.page.evaluate("sessionStorage.clear()")
    teach.page.reload()


def expect_known_to_the_server(teach: Teach, count: int) -> None:
    """Check how many drawings a run would learn from, which the server says."""
    teach.page.evaluate("() => digitDrawings.synced()")
    teach.pad.tab("Retrain")
    named = "Include my drawings" + (f" ({count})" if count else "")
    expect(teach.page.locator("#include-drawings")).to_contain_text(named)
    teach.pad.tab("Draw")


def test_a_full_browser_is_said_and_nothing_is_lost_while_the_tab_is_open(teach: Teach, tmp_path: Path) -> None:
    teach.save(*THREE[0])
    teach.page.evaluate(FILL, "localStorage")
    for strokes, label in THREE[1:]:
        teach.pad.button("Clear").click()
        teach.pad.read(strokes)
        teach.label(label).click()
        expect(teach.said).to_have_text(f"Saved as a {label}, in this tab only.")
    expect(teach.keeping).to_contain_text("Your browser has no room for 2 of 3: only this tab has them.")
    expect(teach.count).to_have_text("3 drawings so far.")
    expect_known_to_the_server(teach, 3)
    with teach.page.expect_download() as started:
        teach.open_gallery()
        teach.pad.button("Download").click()
    started.value.save_as(tmp_path / "mine.json")
    content = json.loads((tmp_path / "mine.json").read_text(encoding="utf-8"))
    assert (content["format"], [entry["label"] for entry in content["drawings"]]) == (FORMAT, [1, 4, 3])

    teach.page.reload()
    expect(teach.count).to_have_text("3 drawings so far.")
    expect_known_to_the_server(teach, 3)
    other = tab_beside(teach)
    other.expect_count(1)
    # As soon as there is room, they are kept like all others.
    teach.page.evaluate(EMPTY)
    teach.page.reload()
    teach.expect_count(3)
    expect(teach.keeping).to_have_text("")
    other.expect_count(3)


def test_a_damaged_entry_is_set_aside_and_the_others_are_kept(teach: Teach) -> None:
    for strokes, label in THREE:
        teach.save(strokes, label)
    damaged = next(key for key, text in entries(teach.page).items() if '"label":4' in text)
    teach.page.evaluate("key => localStorage.setItem(key, 'nonsense')", damaged)
    come_anew(teach)
    teach.expect_count(2)
    expect(teach.keeping).to_contain_text("One entry of drawings in your browser cannot be read: set aside there")
    kept = entries(teach.page)
    assert damaged not in kept
    assert "nonsense" in kept.values()
    # The same drawing may be saved again, and what was set aside stays.
    teach.save(*THREE[1])
    teach.expect_count(3)
    assert "nonsense" in entries(teach.page).values()
    come_anew(teach)
    teach.expect_count(3)
    expect(teach.keeping).to_have_text("")


@pytest.mark.quick
def test_one_bad_entry_of_31_takes_no_other_with_it(teach: Teach, tmp_path: Path) -> None:
    lines = [{"label": 1, "strokes": [[[0.1, 0.1], [0.1 + 0.01 * number, 0.9]]]} for number in range(30)]
    path = tmp_path / "lines.json"
    path.write_text(json.dumps({"format": FORMAT, "drawings": lines}), encoding="utf-8")
    teach.open_gallery()
    teach.file.set_input_files(path)
    expect(teach.gallery_said).to_have_text("30 added.")
    # The page takes it for a drawing, the server does not.
    bad = json.dumps({"label": 1, "strokes": [[[0, 9]]], "order": 1})
    teach.page.evaluate("([key, text]) => localStorage.setItem(key, text)", [f"{KEY}0123456789abcdef", bad])
    come_anew(teach)
    teach.expect_count(30)
    expect(teach.keeping).to_contain_text("cannot be read (Stroke 0 must be a list of [x, y]")
    kept = entries(teach.page)
    assert sum(key.startswith(KEY) for key in kept) == 30
    assert [text for key, text in kept.items() if "unreadable" in key and json.loads(text)["strokes"] == [[[0, 9]]]]
    expect_known_to_the_server(teach, 30)


def test_a_bad_drawing_in_a_file_takes_no_other_with_it(teach: Teach, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    drawings = [{"label": 1, "strokes": ONE}, {"label": 77, "strokes": ONE}, {"label": 4, "strokes": TWO_STROKES}]
    path.write_text(json.dumps({"format": FORMAT, "drawings": drawings}), encoding="utf-8")
    teach.open_gallery()
    teach.file.set_input_files(path)
    expect(teach.gallery_said).to_contain_text("2 added. 1 could not be added; the first is drawing 2: A label must be")
    teach.expect_count(2)


def test_what_is_wrong_with_a_file_of_brackets_is_said(teach: Teach, tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    path.write_text(f'{{"format": "{FORMAT}", "drawings": {"[" * 100_000}{"]" * 100_000}}}', encoding="utf-8")
    teach.open_gallery()
    teach.file.set_input_files(path)
    expect(teach.gallery_said).to_contain_text("far too many values")
    teach.expect_count(0)


def test_a_file_changes_no_label_of_mine(teach: Teach, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    teach.open_gallery()
    for label, told in ((7, "1 added."), (1, "0 added, 1 were there already.")):
        drawings = [{"label": label, "strokes": ONE}]
        path.write_text(json.dumps({"format": FORMAT, "drawings": drawings}), encoding="utf-8")
        teach.file.set_input_files(path)
        expect(teach.gallery_said).to_have_text(told)
    assert [json.loads(text)["label"] for key, text in entries(teach.page).items() if key.startswith(KEY)] == [7]


def test_two_tabs_follow_each_other(teach: Teach) -> None:
    other = tab_beside(teach)
    teach.save(*THREE[0])
    other.expect_count(1)
    other.save(*THREE[1])
    teach.expect_count(2)
    for tab in (teach, other):
        expect_known_to_the_server(tab, 2)
        tab.open_gallery()
        expect(tab.items).to_have_count(2)
    teach.pad.button("Delete this 4").click()
    other.expect_count(1)
    expect(other.items).to_have_count(1)
    expect_known_to_the_server(other, 1)
    # Nothing brings it back.
    for tab in (other, teach):
        tab.page.reload()
        tab.expect_count(1)
        expect_known_to_the_server(tab, 1)
    other.save(*THREE[2])
    teach.expect_count(2)
    come_anew(teach)
    teach.expect_count(2)


def test_what_another_tab_deleted_meanwhile_is_gone_for_the_session_too(teach: Teach) -> None:
    teach.save(*THREE[0])
    teach.save(*THREE[1])
    address = teach.page.url
    teach.page.goto("about:blank")
    page = teach.page.context.new_page()
    page.goto(address)
    other = Teach(Pad(page))
    other.expect_count(2)
    other.open_gallery()
    other.pad.button("Delete this 1").click()
    other.expect_count(1)
    teach.page.go_back()
    teach.expect_count(1)
    expect_known_to_the_server(teach, 1)


def test_a_deletion_that_the_server_did_not_hear_of_is_told_again(teach: Teach) -> None:
    teach.save(*THREE[0])
    teach.save(*THREE[1])
    teach.open_gallery()
    teach.page.route("**/component_server/", lambda route: route.abort())
    teach.pad.button("Delete this 1").click()
    teach.expect_count(1)
    teach.page.unroute("**/component_server/")
    with teach.page.expect_response("**/component_server/"):
        pass
    expect_known_to_the_server(teach, 1)


def arrive_from_the_first_release(teach: Teach, value: str) -> None:
    teach.page.evaluate("([key, text]) => localStorage.setItem(key, text)", [OLD_KEY, value])
    come_anew(teach)


def test_drawings_of_the_first_release_are_there(teach: Teach) -> None:
    arrive_from_the_first_release(teach, OLD_VALUE)
    teach.expect_count(3)
    teach.page.wait_for_function("key => localStorage.getItem(key) === null", arg=OLD_KEY)
    kept = entries(teach.page)
    assert sorted(json.loads(text)["label"] for key, text in kept.items() if key.startswith(KEY)) == [1, 3, 4]
    teach.open_gallery()
    teach.pad.button("Delete this 3").click()
    come_anew(teach)
    teach.expect_count(2)
    expect_known_to_the_server(teach, 2)


def test_drawings_of_the_first_release_need_no_room_besides(teach: Teach) -> None:
    teach.page.evaluate("([key, text]) => localStorage.setItem(key, text)", [OLD_KEY, OLD_VALUE])
    teach.page.evaluate(FILL, "localStorage")
    come_anew(teach)
    teach.expect_count(3)
    kept = entries(teach.page)
    assert OLD_KEY not in kept
    assert sum(key.startswith(KEY) for key in kept) == 3


@pytest.mark.parametrize("value", ["nonsense", OLD_VALUE[:-40], OLD_VALUE[:40]])
def test_a_damaged_value_of_the_first_release_is_set_aside(teach: Teach, value: str) -> None:
    arrive_from_the_first_release(teach, value)
    expect(teach.keeping).to_contain_text("One entry of drawings in your browser cannot be read: set aside there")
    teach.expect_count(0)
    teach.save(*THREE[0])
    teach.expect_count(1)
    kept = entries(teach.page)
    assert OLD_KEY not in kept
    assert value in kept.values()


SESSION_KEYS = ["session", "session-drawing", "model", "why"]


@pytest.mark.parametrize(
    "value", ["{", "7", "null", '{"strokes": 7, "isOn": 7, "against": "length"}', '{"strokes": [[7]]}']
)
def test_what_a_tab_kept_may_be_damaged(teach: Teach, value: str) -> None:
    for name in SESSION_KEYS:
        teach.page.evaluate("([key, text]) => sessionStorage.setItem(key, text)", [f"draw-a-digit-{name}", value])
    teach.page.reload()
    expect_all_to_work(teach)


def test_a_tab_may_have_no_room(teach: Teach) -> None:
    for storage in ("localStorage", "sessionStorage"):
        teach.page.evaluate(FILL, storage)
    expect_all_to_work(teach)
    expect(teach.keeping).to_contain_text("Your browser has no room for")


def expect_all_to_work(teach: Teach) -> None:
    """Check pad, reading, Show why and saving."""
    pad = teach.pad
    assert pad.read(ONE) == "1"
    pad.page.get_by_role("switch", name="Show why").click()
    expect(pad.page.get_by_test_id("why-words")).not_to_have_text("")
    teach.label(1).click()
    expect(teach.said).to_contain_text("Saved as a 1")
    retrain = Retrain(pad)
    expect(pad.button("Start")).to_be_enabled()
    expect(retrain.model).to_have_value("Shipped · 99.4%")
    pad.tab("Draw")
