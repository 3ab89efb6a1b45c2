"""Templates while they are written: what the studio asks of this room (`service.writing`)."""

from collections.abc import Mapping
from typing import Any

from . import examining, locks, placeholders, render_pdf, template
from .blocks import HOUSES as HOUSES
from .blocks import KINDS as KINDS
from .examining import Problem as Problem
from .examining import Trial as Trial
from .locks import locked as locked
from .placeholders import Use as Use
from .placeholders import Value as Value
from .placeholders import dotted as dotted
from .placeholders import of_case as of_case
from .placeholders import uses as uses

MARK = "样张"


def shipped(code: str) -> str | None:
    """The text of the template that the platform brings for a code; None where it brings none."""
    return template.text_of(code)


def sample_of(code: str) -> dict[str, Any] | None:
    """The sample case of a shipped template, without `document`; None where there is none."""
    return template.sample_of(code)


def read_template(text: str) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The content of a template text as plain values; None, and why, where it is no template at all."""
    return examining.read(text)


def written(raw: Mapping[str, Any]) -> str:
    """A template as YAML text."""
    return examining.written(raw).decode()


def examine(text: str, known: Mapping[str, placeholders.Value] | None = None) -> list[Problem]:
    """Everything wrong with a template text; with `known` (the context by name), also placeholders that lead nowhere,
    and where it changes a statutory clause of the shipped template of its code."""
    raw, problems = examining.read(text)
    if raw is None:
        return problems
    return [*examining.examine(raw, known), *(Problem("", message) for message in broken_locks(raw))]


def broken_locks(raw: Mapping[str, Any]) -> list[str]:
    """A Chinese sentence for every statutory clause of the shipped template of this code that `raw` changes."""
    base = shipped(str(raw.get("code", "")))
    found = examining.read(base)[0] if base is not None else None
    return locks.broken(found, raw) if found else []


def trial(
    text: str, context: Mapping[str, Any], known: Mapping[str, placeholders.Value] | None = None
) -> Trial:
    """A template text tried on a sample case: its problems, and the document as far as it can be set."""
    return examining.trial(text, context, known)


def trial_pdf(data: Mapping[str, Any]) -> bytes:
    """The PDF of a trial, marked as one."""
    return render_pdf.pdf(data, MARK)


def trial_pages(data: Mapping[str, Any]) -> list[bytes]:
    """The pages of a trial as SVG."""
    return render_pdf.drawings(data, MARK)
