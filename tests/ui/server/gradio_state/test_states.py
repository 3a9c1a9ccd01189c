"""What Gradio remembers of a session does not grow with what its visitor does."""

from __future__ import annotations

from tests.support.retrainer import Retrainer
from ui.page import build_page


def test_nothing_of_what_is_done_on_a_page_stays_in_its_state() -> None:
    page, options = build_page()
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **options)
    visitor = Retrainer(url.rstrip("/"))

    def use_it() -> list[tuple[int, int]]:
        for name in ("seed", "recommended"):
            visitor.choose_preset(name)
        visitor.open_tab()
        assert list(visitor.start(Epochs=0))[-1].startswith("Invalid value for argument `epochs`")
        visitor.look_at(0)
        states = page.app.state_holder.session_data.values()
        return [(len(state.blocks_config.blocks), len(state.config_values)) for state in states]

    sizes = [use_it() for _ in range(4)]
    visitor.leave()
    page.close()
    assert sizes[3] == sizes[1]
