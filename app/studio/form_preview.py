"""A form while it is designed: what is wrong with it, and how it would look and answer at a step."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.forms import service as forms
from app.kernel import clock
from app.kernel.errors import Invalid

from . import form_definitions as definitions
from . import form_uses, paper_samples

CERTIFICATES = ("enforcement", "legal", "hearing")
MOST_ANSWERS = 2_000


@dataclass(frozen=True, slots=True)
class Look:
    """A definition looked at: `problems` by place (`items[3].options`), and where there is none the inside of the form.

    `said`: what the check of the answers says, where they were to be checked.
    """

    problems: Mapping[str, list[str]]
    html: Markup | None = None
    said: str = ""


def look(
    parts: definitions.Parts,
    key: str,
    text: str,
    step: str = "",
    node: str = "",
    answers: Mapping[str, list[str]] | None = None,
    act: bool = False,
) -> Look:
    """Look at a form's text as a node of a step would use it.

    `answers` are what the page's preview holds (control name → values); None: what the form begins with. With `act` they
    are checked as if they were handed in.
    """
    form, problems = checked(parts, key, text)
    if form is None:
        return Look(problems)
    used = form.at(step, node)
    context = _context(parts, used)
    typed: Mapping[str, Any]
    if answers is None:
        typed = used.prefilled(context.case())
    else:
        try:
            typed = used.parse(
                MultiDict([(name, value) for name, values in answers.items() for value in values])
            )
        except Invalid:  # what was typed belongs to a field that is no longer there
            typed = used.prefilled(context.case())
    errors, said = {}, ""
    if act:
        try:
            used.validate(typed, context)
            said = "填写的内容符合要求，可以提交。"
        except Invalid as error:
            errors, said = error.errors, error.message
    return Look(problems, forms.render(used, typed, errors, context), said)


def checked(parts: definitions.Parts, key: str, text: str) -> tuple[forms.Form | None, dict[str, list[str]]]:
    """The form that a text defines, and what is wrong with it by place; None where it defines none."""
    try:
        form = forms.load(json.loads(text))
    except Invalid as error:
        return None, error.errors
    except (ValueError, RecursionError):
        return None, {"": ["表单定义不是正常的 JSON。"]}
    return form, {place: list(found) for place, found in _about_draft(parts, form, key)}


def _about_draft(parts: definitions.Parts, form: forms.Form, key: str) -> Iterator[tuple[str, list[str]]]:
    """What is wrong with a sound form in this draft."""
    if form.key != key:
        yield "key", [f"表单标识应当是“{key}”。"]
    attributes = form_uses.rules_of(parts).get("attributes") or {}
    for write in form.writes:
        if write.attribute not in attributes:
            message = f"规则中没有声明属性“{write.attribute}”，请先在“规则”中声明。"
            yield f"writes.{write.attribute}", [message]
    for field, path in form.prefill.items():
        names = path.split(".")
        if names[0] == "forms" and len(names) > 1:
            raw = definitions.raw_of(parts, names[1])
            if raw is None:
                yield f"prefill.{field}", [f"草稿中没有表单“{names[1]}”。"]
            elif len(names) > 2 and names[2] not in {name for name, _, _ in definitions.fields(raw)}:
                title = definitions.title_of(raw, names[1])
                yield f"prefill.{field}", [f"表单“{title}”没有字段“{names[2]}”。"]
    mine = [node for node in form_uses.nodes(parts) if node.form == key]
    known = {("step", n.step) for n in mine} | {("node", n.id) for n in mine}
    for number, each in enumerate(form.rights):
        if (("step", each.step) if each.step else ("node", each.node)) not in known:
            yield f"rights[{number}]", [f"没有“{each.step or each.node}”这样的环节使用这个表单。"]


def _context(parts: definitions.Parts, form: forms.Form) -> forms.FormContext:
    positions = frozenset(p for item in form.items if (p := getattr(item, "position", "")))
    positions |= {
        p for item in form.items for c in getattr(item, "columns", ()) if (p := getattr(c, "position", ""))
    }
    officers = [
        forms.OfficerOption(
            person["id"], person["name"], positions, dict.fromkeys(CERTIFICATES, person["certificate"])
        )
        for person in paper_samples.OFFICERS
    ]
    return forms.FormContext(
        officers,
        None,
        clock.today(),
        "studio:preview",
        lambda: paper_samples.of_draft(parts),
        items=lambda kind: [paper_samples.ITEM],
    )
