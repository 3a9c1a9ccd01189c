"""The look: one accent colour on warm neutrals, light and dark, system fonts only."""

from __future__ import annotations

import gradio as gr
from gradio.themes.utils import colors

_INK = "#1c1b1a"
_PAPER = "#fafaf7"
_NIGHT = "#131417"
_CARD_AT_NIGHT = "#1d1e22"

_NEUTRAL = colors.stone
_ACCENT = colors.Color(
    name="accent",
    c50="#eef2fd",
    c100="#dde5fb",
    c200="#bccbf7",
    c300="#93abf0",
    c400="#6885e6",
    c500="#2f55d4",
    c600="#2849b8",
    c700="#213c98",
    c800="#1b3179",
    c900="#15265e",
    c950="#0e1a42",
)


def theme() -> gr.themes.Base:
    """The theme. Its fonts are the system's: nothing is fetched."""
    return gr.themes.Base(
        primary_hue=_ACCENT,
        secondary_hue=_ACCENT,
        neutral_hue=_NEUTRAL,
        radius_size="lg",
        font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"],
        font_mono=["ui-monospace", "Consolas", "monospace"],
    ).set(
        body_background_fill=_PAPER,
        body_background_fill_dark=_NIGHT,
        body_text_color=_INK,
        body_text_color_dark="#f2f1ee",
        body_text_color_subdued="#6f6b65",
        body_text_color_subdued_dark="#a5a29c",
        background_fill_primary="#ffffff",
        background_fill_primary_dark=_CARD_AT_NIGHT,
        block_background_fill="#ffffff",
        block_background_fill_dark=_CARD_AT_NIGHT,
        block_shadow="none",
        block_border_width="1px",
        border_color_primary="#e3e1db",
        border_color_primary_dark="#34353b",
        color_accent="*primary_500",
        button_primary_background_fill="*primary_500",
        button_primary_background_fill_hover="*primary_600",
        button_primary_text_color="#ffffff",
        button_secondary_background_fill="*block_background_fill",
        button_secondary_background_fill_dark="*block_background_fill",
        button_secondary_background_fill_hover="*background_fill_secondary",
        button_secondary_background_fill_hover_dark="#26272c",
        button_secondary_border_color="*border_color_primary",
        button_secondary_border_color_dark="*border_color_primary",
        input_background_fill="#f6f5f1",
        input_background_fill_dark="#26272c",
        button_border_width="1px",
        button_large_text_weight="500",
        button_large_text_size="*text_md",
    )


# Selectors of Gradio's own are few here on purpose: they may change with its version.
CSS = """
.gradio-container { width: 100% !important; max-width: 1100px !important; margin: 0 auto !important;
  --sure-color: #1f7a4d; --refusal-color: #b3261e;
  --bar-track: #dde5fb; --bar-other: #bccbf7; --for-color: #2f55d4; --against-color: #d97c21; }
.dark .gradio-container, .gradio-container.dark { --sure-color: #67c596; --refusal-color: #f2918b;
  --bar-track: #2b3150; --bar-other: #4a568c; --for-color: #7f9af0; --against-color: #f0a24a; }
.dark { --color-accent: #7f9af0; }
.html-container { padding: 0 !important; }
.tabitem { padding-left: 0 !important; padding-right: 0 !important; }
footer .divider { display: none !important; }
/* Gradio covers the page while it loads; the pad takes ink from the moment it is seen. */
.app > .wrap.translucent { pointer-events: none; }
#picture:not([data-open]), #guide:has(.guide[hidden]) { display: none; }
.header h1 { font-size: 1.6em; margin: 0.4em 0 0.1em; }
.header p { color: var(--body-text-color-subdued); margin: 0 0 0.4em; }
html:not([data-nothing-kept]) .nothing-kept { display: none; }
.summary { margin: 0 0 0 2px; line-height: 1.5; color: var(--body-text-color-subdued); }
.summary.refusal { color: var(--refusal-color); }
.layer-table { width: 100%; margin: 0; font-variant-numeric: tabular-nums; }
.layer-table :is(td, th):not(:first-child) { text-align: right; }
#runs * { font-family: var(--font) !important; font-variant-numeric: tabular-nums; }
#comparison:has(.chart.empty) { display: none; }
.how { max-width: 70ch; line-height: 1.6; }
.layers { width: 100%; max-width: 560px; margin: 8px 0; color: var(--body-text-color); }
.how h3 { margin: 1.2em 0 0.3em; }
"""
