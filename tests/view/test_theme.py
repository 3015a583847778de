"""Tokens, contrast and the style sheet."""

from __future__ import annotations

import pytest

from rnnviz.view.look import Look, contrast
from rnnviz.view.style_sheet import style_sheet
from rnnviz.view.theme import CONTRAST, DARK, LIGHT, THEMES


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize("token", ["ink", "ink2", "ink3", "err"])
def test_text_is_readable(theme, token):
    assert contrast(getattr(theme, token), theme.panel) >= 4.5
    assert contrast(getattr(theme, token), theme.bg) >= 4.5


@pytest.mark.parametrize(
    ("theme", "token", "ratio"),
    [(LIGHT, "ink", 17.7), (LIGHT, "neg", 4.9), (LIGHT, "grad", 6.0), (DARK, "ink", 15.9), (DARK, "grad", 5.0),
     (CONTRAST, "line2", 12.6), (CONTRAST, "grad", 7.5)],
)  # fmt: skip
def test_ratios_of_the_design(theme, token, ratio):
    assert contrast(getattr(theme, token), theme.panel) == pytest.approx(ratio, abs=0.1)


def test_controls_have_a_visible_border():
    for theme in THEMES.values():
        assert contrast(theme.line2, theme.panel) >= 3.0


@pytest.mark.parametrize("name", list(THEMES))
def test_style_sheet_uses_the_tokens_and_no_other_colour(qapp, name):
    import re

    look = Look()
    look.set_theme(name)
    tokens = {
        getattr(look.theme, key).name()
        for key in ("bg", "panel", "raised", "line", "line2", "ink", "ink2", "ink3", "err")
    }
    assert set(re.findall(r"#[0-9a-f]{6}", style_sheet(look))) <= tokens
