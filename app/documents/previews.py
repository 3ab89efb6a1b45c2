"""Documents as they would print: drafts of a case as it stands, and examples. Nothing here is issued or kept."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import yaml

from ..kernel import clock
from . import live_page, own, placeholders, render_page, render_pdf, template
from .filling import document_data, draft_facts
from .own import NONE, Own
from .wording import lenient

DRAFT, EXAMPLE = "草稿", "示例"


def preview(code: str, context: Mapping[str, Any], templates: Own = NONE) -> bytes:
    """The PDF of a document as it would print now: marked 草稿, without number, seal and code. What is not
    yet known prints as 【待填：…】.

    Raises:
        DocumentError: the template is wrong, or a text of the case cannot be drawn.
    """
    data = _preview_data(code, context, templates)
    return render_pdf.pdf(data, DRAFT)


def draft_page(code: str, context: Mapping[str, Any], templates: Own = NONE) -> str:
    """The same as a part of a web page, for where no PDF can be made: HTML, every text escaped.

    Raises:
        DocumentError: the template is wrong.
    """
    return render_page.page(_preview_data(code, context, templates))


def live_draft(
    code: str,
    context: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    form: str,
    answers: Mapping[str, Any],
    tried: Mapping[str, Sequence[Any]],
    templates: Own = NONE,
) -> live_page.LivePage:
    """The same for a device that goes on filling it in without the network; `context` is that of given answers to `form`.

    Raises:
        DocumentError: the template is wrong.
    """

    def page(given: Mapping[str, Any]) -> str:
        return draft_page(code, context(given), templates)

    raw = yaml.safe_load(templates.get(code) or template.text_of(code) or "")
    spoken = {
        p[2] for use in placeholders.uses(raw) for p in use.paths if p[:2] == ("forms", form) and len(p) > 2
    }
    return live_page.live(page, answers, tried, spoken)


def preview_pages(code: str, context: Mapping[str, Any], templates: Own = NONE) -> list[bytes]:
    """The pages of the preview as PNG images."""
    return render_pdf.pages(_preview_data(code, context, templates), DRAFT)


def preview_data(code: str, context: Mapping[str, Any], templates: Own = NONE) -> dict[str, Any]:
    """The filled draft (`meta` and `blocks`) from which the preview is set: for those who compare texts."""
    return _preview_data(code, context, templates)


def example(code: str, context: Mapping[str, Any], templates: Own = NONE) -> bytes:
    """The PDF of a document of a made-up case, marked 示例, kept nowhere.

    Raises:
        DocumentError: the template is wrong.
    """
    return render_pdf.pdf(_preview_data(code, context, templates), EXAMPLE)


def _preview_data(code: str, context: Mapping[str, Any], templates: Own = NONE) -> dict[str, Any]:
    found = own.found(code, templates)
    day = date.fromisoformat(context["today"])
    moment = datetime(day.year, day.month, day.day, tzinfo=clock.CHINA)
    with lenient(found.required):
        return document_data(found, context, draft_facts(found, context, day), moment)
