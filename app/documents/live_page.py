"""A draft that a device fills in without the network: the places of answers in it, and how each is worded there.

What a template makes of an answer is not told in a second language. An answer is a *place* only where the page with the
place in it, filled in as the device fills it, is letter for letter the page that the template gives, for every value
tried. All others are fixed: the page says what they were, and the device says when they are no longer that. Pure.
"""

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from . import phrases
from .render_page import text_of

NOTHING = "\0"
"""What stands for an answer that is not there until it is clear whether its paragraph says anything else."""
Answers = Mapping[str, Any]
Page = Callable[[Answers], str]
"""What the template gives for these answers; it raises where it can give nothing."""
SPAN = re.compile(r'<span( data-lines)? data-answer="([a-z][a-z0-9_]*)"(?: data-format="([a-z_]+)")?></span>')
"""Where every line of an answer is a paragraph of its own; the answer; its wording."""


@dataclass(frozen=True, slots=True)
class LivePage:
    """`blanks`: what stands at the place of an answer that is not given; a place that has none there is good only while
    there is an answer. `fixed`: the answers the page rests on otherwise."""

    html: str
    blanks: Mapping[str, str] = field(default_factory=dict)
    fixed: Sequence[str] = ()


def filled(html: str, answers: Answers, blanks: Mapping[str, str] | None = None) -> str:
    """A page with its places filled in: what the device does (`app/frontend/src/scene/places.js`)."""

    def said(match: re.Match[str]) -> str:
        value = answers.get(match[2])
        if value in (None, ""):
            return (blanks or {}).get(match[2], "") or (NOTHING if match[1] else "")
        text = phrases.worded(value, match[3] or "")
        lines = [line.strip(" 　") for line in text.split("\n")] if match[1] else [text]
        return "</p><p>".join(str(text_of(line)) for line in lines if line)

    return SPAN.sub(said, html).replace(f"<p>{NOTHING}</p>", "").replace(NOTHING, "")


def live(page: Page, answers: Answers, tried: Mapping[str, Sequence[Any]], spoken: Set[str]) -> LivePage:
    """The page of these answers with places for those of `tried` (values to be tried, by key) that can be places. `spoken`
    are the answers that the template speaks of.

    Raises: what `page` raises for the answers themselves.
    """
    places, blanks = set(), {}
    for key in sorted(spoken & tried.keys()):
        if not _can_be_place(page, answers, key, tried[key]):
            continue
        blank = _blank(page, answers, key)
        if blank is not None:
            blanks[key] = blank
        if blank is not None or answers.get(key) not in (None, ""):
            places.add(key)
    every = {**answers, **{key: tried[key][0] for key in places if answers.get(key) in (None, "")}}
    html = _with_places(page, answers, places)
    if html is None or filled(html, every) != page(every):
        return LivePage(page(answers), {}, sorted(spoken))
    return LivePage(
        html, {key: blanks[key] for key in sorted(places & blanks.keys())}, sorted(spoken - places)
    )


def _can_be_place(page: Page, answers: Answers, key: str, values: Sequence[Any]) -> bool:
    html = _with_places(page, answers, {key})
    if html is None:
        return False
    try:
        return all(filled(html, {key: value}) == page({**answers, key: value}) for value in values)
    except Exception:
        return False


def _with_places(page: Page, answers: Answers, keys: Set[str]) -> str | None:
    try:
        return page({**answers, **{key: f"〖{key}〗" for key in keys}})
    except Exception:
        return None


def _blank(page: Page, answers: Answers, key: str) -> str | None:
    """What the template gives at the place of an answer that is not there; None: something else changes with it."""
    html = _with_places(page, answers, {key}) or ""
    try:
        empty = page({**answers, key: ""})
    except Exception:
        return None
    if filled(html, {}) == empty:
        return ""
    pattern = "(.*?)".join(map(re.escape, SPAN.split(html)[::4]))
    match = re.fullmatch(pattern, empty, re.DOTALL)
    found = set(match.groups()) if match else set()
    return found.pop() if len(found) == 1 else None
