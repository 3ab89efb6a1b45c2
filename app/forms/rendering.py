"""A form as HTML that works by itself; `app/frontend/src/forms.js` only makes it quicker.

The room has no pages of its own: whoever renders a form puts the result inside its own
`<form method="post" enctype="multipart/form-data" novalidate data-form data-draft="…">`, beside the CSRF
token and the button named by the act.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from app.kernel import money, words

from . import codes, summary
from .context import FormContext, OfficerOption
from .definition import (
    EVIDENCE_FIELDS,
    EVIDENCE_KINDS,
    PARTY_FIELDS,
    PARTY_KINDS,
    STANCES,
    YES_NO,
    Definition,
    Evidence,
    Item,
    Option,
    Party,
    Person,
    Right,
    Rows,
)
from .form import Form
from .uploads import Uploads
from .visibility import demanded, facts, hidden_indexes, person_id

_environment = Environment(
    loader=PackageLoader("app.forms", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)

SPARE_ROWS = 1
ADDED_ROWS = 4
"""Empty rows at the end of a table: always, and after 增加一行 on a page without JavaScript."""


def id_of(name: str) -> str:
    """The HTML id of the control with this name; the error summary leads there."""
    return "f-" + name.replace(".", "-")


def label_of(form: Definition, name: str) -> str:
    """What the control with this name is called: `证据清单 第 2 行 证据名称`."""
    key, *rest = name.split(".")
    try:
        item = form.item(key)
    except KeyError:
        return ""
    parts = [item.label]
    if rest and isinstance(item, (Rows, Evidence)) and rest[0].isdigit():
        parts.append(f"第 {int(rest[0]) + 1} 行")
        rest = rest[1:]
    if rest:
        parts.append(_part_labels(item).get(rest[0], ""))
    return " ".join(part for part in parts if part)


def _part_labels(item: Item) -> Mapping[str, str]:
    if isinstance(item, Rows):
        return {column.key: column.label for column in item.columns}
    if isinstance(item, Evidence):
        return EVIDENCE_FIELDS
    if isinstance(item, Party):
        return PARTY_FIELDS
    return {"stance": "", "text": "理由", "law": "法律法规名称", "article": "条款项"}


class View:
    """What the templates ask: values, errors, choices and seals of one page."""

    def __init__(
        self,
        form: Definition,
        answers: Mapping[str, Any],
        errors: Mapping[str, list[str]],
        context: FormContext,
    ):
        self.form = form
        self.answers = answers
        self.errors = errors
        self.context = context
        self.hidden = hidden_indexes(form, answers)
        self.demanded = demanded(form, answers)
        self.conditional = any(item.visible_when or item.required_when for item in form.items)
        self._adding = getattr(answers, "adding", "")
        self._uploads = Uploads(form.key, context.scope)

    party_kinds = tuple(Option(value, label) for value, label in PARTY_KINDS.items())
    yes_no = tuple(Option(value, label) for value, label in YES_NO.items())
    evidence_kinds = tuple(Option(kind, kind) for kind in EVIDENCE_KINDS)
    evidence_fields = EVIDENCE_FIELDS
    party_fields = PARTY_FIELDS
    id_of = staticmethod(id_of)

    def items(self) -> Iterator[tuple[Item, bool, bool]]:
        """Each item that this step may know of, whether it is out of sight now, and whether it is to be read only.

        `required` of an item says whether it must be answered as things stand.
        """
        for index, item in enumerate(self.form.items):
            right = self.form.may(item.key)
            if right is not Right.HIDE:
                asked = replace(item, required=item.key in self.demanded) if item.key else item
                yield asked, index in self.hidden, right is Right.READ

    def told(self, item: Item) -> summary.Answer | None:
        """An answer of the case, to be read only; None where there is none."""
        return summary.answer(item, self.answers.get(item.key))

    def facts(self, item: Item) -> dict[str, Any]:
        """What the conditions of the page see of an item that has no control."""
        return facts(item, self.answers.get(item.key))

    @property
    def summary(self) -> list[tuple[str, str, str]]:
        """Id, label and message of every error, in the order of the page."""
        return [
            (id_of(name), label_of(self.form, name), message)
            for name, messages in self.errors.items()
            for message in messages
        ]

    def errors_of(self, name: str) -> list[str]:
        return list(self.errors.get(name, ()))

    def described(self, name: str, *others: str) -> str:
        """The ids that describe a control: help, 大写, its errors."""
        ids = [other for other in others if other]
        if self.errors.get(name):
            ids.append(f"{id_of(name)}-error")
        return " ".join(ids)

    def value(self, key: str) -> Any:
        return self.answers.get(key)

    def part(self, key: str, part: str) -> str:
        parts = self.answers.get(key)
        return str(parts.get(part) or "") if isinstance(parts, Mapping) else ""

    def files(self, key: str) -> list[Mapping[str, Any]]:
        files = self.answers.get(key)
        return [each for each in files if isinstance(each, Mapping)] if isinstance(files, list) else []

    def rows(self, item: Rows | Evidence) -> list[Mapping[str, Any]]:
        """The filled rows and some empty ones, never more than the table may have."""
        given = self.answers.get(item.key)
        rows = [row for row in given if isinstance(row, Mapping)] if isinstance(given, list) else []
        spare = ADDED_ROWS if self._adding == item.key else SPARE_ROWS
        least = item.min_rows if isinstance(item, Rows) else 0
        spare = max(spare, least - len(rows), 0 if rows else SPARE_ROWS)
        return [*rows, *({} for _ in range(min(spare, max(0, item.max_rows - len(rows)))))]

    def officers(self, item: Person) -> list[OfficerOption]:
        return self.context.eligible(item)

    def chosen(self, value: Any) -> list[str]:
        """The chosen ids of a person item, whatever shape the answer has."""
        ids = person_id(value)
        return [str(each) for each in (ids if isinstance(ids, list) else [ids]) if each]

    def seal(self, field: str, stored: Mapping[str, Any]) -> str:
        return self._uploads.seal(field, stored)

    def hints(self, key: str) -> tuple[str, ...]:
        """What somebody should look at again in a party's identity code."""
        code, kind = self.part(key, "id_code"), self.part(key, "kind")
        if not code or kind not in PARTY_KINDS:
            return ()
        person = kind == "person"
        return (codes.check_resident_id(code, self.context.today) if person else codes.check_uscc(code)).hints

    @property
    def previous(self) -> str:
        """The opinion of the step before, in words."""
        opinion = self.context.previous_opinion
        if not opinion or opinion.get("stance") not in STANCES:
            return ""
        text = f"：{opinion['text']}" if opinion.get("text") else ""
        by = f"（{opinion['by']}）" if opinion.get("by") else ""
        return f"{STANCES[opinion['stance']]}{text}{by}"

    @property
    def previous_stance(self) -> str:
        return str((self.context.previous_opinion or {}).get("stance") or "")


def spelled(value: Any) -> str:
    """The 大写 of an amount as typed or stored; empty when it is no amount."""
    return money.spell(str(value)) if value else ""


_environment.filters |= {"spelled": spelled, "size_of": words.size_of}
_environment.tests["blank"] = lambda value: value in (None, "", [], {})


def render(
    form: Form,
    answers: Mapping[str, Any],
    errors: Mapping[str, list[str]] | None = None,
    *,
    context: FormContext,
) -> Markup:
    """The inside of a form element: error summary, items, the place of the draft's status."""
    view = View(form, form.settled(answers, context), errors or {}, context)
    return Markup(_environment.get_template("forms/form.html").render(view=view, form=form))  # noqa: S704
