"""Sample answers: what a form would take, made up from its definition. For trying procedures, never for cases."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import singledispatch
from typing import Any

from app.kernel import files
from app.kernel.errors import Invalid

from . import patterns
from .context import FormContext
from .definition import (
    EVIDENCE_KINDS,
    Choice,
    Choices,
    Day,
    Evidence,
    Item,
    Law,
    Money,
    Number,
    Opinion,
    Party,
    Person,
    Rows,
    Text,
    YesNo,
)
from .form import Form

PARTY = {
    "kind": "organisation",
    "name": "试运行当事人（虚构）",
    "id_code": "91370406XXXG003392",
    "legal_representative": "演示·某",
    "address": "试运行地址（虚构）",
    "phone": "0632-0000000",
}
GUESSES = ("1", "12", "001", "2026", "13900000000", "0632-0000000", "A", "示例", "例", "1.0", "277000")
"""What may fit the pattern of a text."""
ROUNDS = 12
"""How often what became visible by earlier answers is filled in."""


def sample(
    form: Form, context: FormContext, given: Mapping[str, Any] | None = None, not_me: int = 0
) -> dict[str, Any]:
    """Answers to all that must be answered, on top of those given. What cannot be made up (an upload, a text of an
    unusual pattern) is left out. `not_me` is whom no field should name."""
    answers = {k: v for k, v in (given or {}).items() if v not in (None, "", [], {})}
    for _ in range(ROUNDS):
        hidden = form.hidden(answers)
        new = {
            item.key: value
            for item in form.keyed()
            if item.key not in hidden
            and item.key not in answers
            and (item.required or _helps(item))
            and (value := make(item, context, not_me)) not in (None, "", [], {})
        }
        if not new:
            break
        answers |= new
    for item in form.keyed():
        if isinstance(item, Rows) and item.key in answers:
            answers[item.key] = [_completed(item, row, context, not_me) for row in answers[item.key]]
    hidden = form.hidden(answers)
    return {key: value for key, value in answers.items() if key not in hidden}


def _completed(item: Rows, row: Mapping[str, Any], context: FormContext, not_me: int) -> dict[str, Any]:
    """A row that was given, with what it lacks."""
    lacking = [c for c in item.columns if c.required and row.get(c.key) in (None, "")]
    made = {column.key: make(column, context, not_me) for column in lacking}
    return {**row, **made}


def lacking(form: Form, answers: Mapping[str, Any], context: FormContext) -> dict[str, list[str]]:
    """What a person must still mend in sample answers, by control."""
    try:
        form.validate(answers, context)
    except Invalid as error:
        return error.errors
    return {}


def _helps(item: Item) -> bool:
    """Whether an item that need not be answered is answered all the same, so that documents have something to say."""
    return isinstance(item, (Text, Party, Day, Law, Rows, Evidence))


@singledispatch
def make(item: Item, context: FormContext, not_me: int) -> Any:
    """An answer to an item; None where none can be made up."""
    return None


@make.register
def _(item: Text, context: FormContext, not_me: int) -> str:
    if item.pattern:
        return next((g for g in GUESSES if patterns.matches(item.pattern, g)), "")
    return f"{item.label}（试运行示例）".ljust(item.min_length, "。")[: item.max_length]


@make.register
def _(item: Number, context: FormContext, not_me: int) -> str:
    return str(_between(Decimal(1), item.minimum, item.maximum))


@make.register
def _(item: Money, context: FormContext, not_me: int) -> str:
    return str(_between(Decimal(1000), item.minimum, item.maximum))


@make.register
def _(item: Day, context: FormContext, not_me: int) -> str:
    def bound(text: str) -> date | None:
        return context.today if text == "today" else date.fromisoformat(text) if text else None

    day = context.today
    if (latest := bound(item.latest)) and day > latest:
        day = latest
    if (earliest := bound(item.earliest)) and day < earliest:
        day = earliest
    return f"{day.isoformat()}T09:00" if item.type == "datetime" else day.isoformat()


@make.register
def _(item: YesNo, context: FormContext, not_me: int) -> str:
    return "yes"


@make.register
def _(item: Choice, context: FormContext, not_me: int) -> str:
    return next((option.value for option in context.options(item)), "")


@make.register
def _(item: Choices, context: FormContext, not_me: int) -> list[str]:
    return [item.options[0].value]


@make.register
def _(item: Person, context: FormContext, not_me: int) -> Any:
    found = [str(officer.id) for officer in context.eligible(item) if officer.id != not_me]
    if not found:
        return None
    return found[:1] if item.multiple else found[0]


@make.register
def _(item: Party, context: FormContext, not_me: int) -> dict[str, str]:
    return dict(PARTY)


@make.register
def _(item: Evidence, context: FormContext, not_me: int) -> list[dict[str, Any]]:
    row = {"kind": EVIDENCE_KINDS[0], "name": "示例证据", "proves": "违法事实（试运行示例）", "pages": "1"}
    return [{**row, "file": _sample_file()}]


def _sample_file() -> dict[str, Any]:
    """A stored file that says it is none: stored once, whoever asks."""
    content = "示例证据（试运行示例），不是真实证据。\n".encode()
    return {"name": "示例证据.txt", "digest": files.put(content), "size": len(content), "type": "text/plain"}


@make.register
def _(item: Rows, context: FormContext, not_me: int) -> list[dict[str, Any]]:
    row = {column.key: make(column, context, not_me) for column in item.columns}
    return [
        {k: v for k, v in row.items() if v not in (None, "", [], {})} for _ in range(max(item.min_rows, 1))
    ]


@make.register
def _(item: Opinion, context: FormContext, not_me: int) -> dict[str, str]:
    return {"stance": item.options[0].value, "text": "同意（试运行示例）。"}


@make.register
def _(item: Law, context: FormContext, not_me: int) -> dict[str, str]:
    return {"law": (item.suggestions or ("《中华人民共和国行政处罚法》",))[0], "article": "第五十七条"}


def _between(wish: Decimal, low: Decimal, high: Decimal) -> Decimal:
    return min(max(wish, low), high)
