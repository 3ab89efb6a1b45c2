"""What an act on a task is, besides handing it in: offered with its consequences, carried out under the case's lock.

An act says to whom it is shown, what it asks for and what it will cause; the page shows that before the click, and the
same checks hold again in the transaction, whatever door the request came through (`carrying`).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from app.kernel.auth import Actor
from app.kernel.errors import Invalid

from ..desk_models import Involvement
from ..locking import Running
from ..models import WorkItem, WorkStatus


class Kind(StrEnum):
    """How something an act asks for is entered."""

    TEXT = "text"
    LINE = "line"
    CHOICE = "choice"
    CHOICES = "choices"
    DAY = "day"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Option:
    """One of the things to choose from. `why_not` says why it cannot be chosen by whoever has to know: it is shown,
    not offered."""

    value: str
    label: str
    hint: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """Something an act asks for."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    hint: str = ""
    options: Sequence[Option] = ()
    required: bool = True
    most: int = 500
    """Characters of a text, choices of several, the greatest number."""
    spread: bool = False
    """Whether every option of a choice is to be read with its hint, however many there are."""


REASON = Field("reason", "理由", hint="写入案件记录，相关人员都能看到。")


@dataclass(frozen=True, slots=True)
class Offer:
    """What an act asks for and what it will cause, in Chinese sentences. `why_not` (with its `article`) where it
    cannot be done now: then it is shown with the reason instead of the form."""

    consequences: Sequence[str] = ()
    fields: Sequence[Field] = (REASON,)
    why_not: str = ""
    article: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an act takes place: a task with its running case, as the person `actor` sees it. `parts` are the
    involvements in this task that were not removed. On a page nothing is locked."""

    session: Session
    actor: Actor
    officer_id: int
    running: Running
    work: WorkItem
    parts: Sequence[Involvement]

    @property
    def mine(self) -> bool:
        """Whether the task is assigned to this person."""
        return self.work.assignee_id == self.officer_id

    def part(self, part: str, state: str = "open") -> Involvement | None:
        """This person's own part of a kind, if there is one in that state."""
        return next(
            (
                p
                for p in self.parts
                if p.officer_id == self.officer_id and p.part == part and p.state == state
            ),
            None,
        )


class DeskAct(ABC):
    """An act on a task. Instances carry no state.

    Attributes:
        name: in addresses, and in the record as `work.<name>`.
        label: in the menu. hint: one line below it.
        verb: on the button.
        statuses: the states of a task in which it exists at all.
        closed: whether it may be done in a case that is closed.
        beside_case: whether it stands beside the task on the case's page, too.
        onlooker: whether whoever may see the case may do it, although the task is not theirs to see.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    hint: ClassVar[str]
    verb: ClassVar[str]
    statuses: ClassVar[frozenset[WorkStatus]] = frozenset({WorkStatus.OPEN})
    closed: ClassVar[bool] = False
    beside_case: ClassVar[bool] = False
    onlooker: ClassVar[bool] = False

    @abstractmethod
    def shown(self, place: Place) -> bool:
        """Whether it belongs into this person's menu. Asks the database nothing: the page of a task is the hot one."""

    @abstractmethod
    def offer(self, place: Place) -> Offer:
        """What it asks for and causes. May ask the database."""

    @abstractmethod
    def carry_out(self, place: Place, given: Mapping[str, Any]) -> str:
        """Do it: `place` is locked, `given` checked against the offer's fields (an answer that is not required and
        was not given is an empty text or list). Writes the record (`acts.note`), raises the version of a task it
        changes, and gives the message for the person.

        Raises:
            Refused: a rule stands in the way; nothing changed.
        """


def read(fields: Sequence[Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """The answers to an offer, checked.

    Raises:
        Invalid: something is missing, too long or not among what may be chosen; `errors` names each. Or something
            was given that is not asked for.
    """
    if set(given) - {field.name for field in fields}:
        raise Invalid("提交了页面中没有的内容，未作任何处理。请刷新页面后重新操作。", code="unknown_field")
    answers: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for field in fields:
        try:
            answers[field.name] = _read(field, given.get(field.name))
        except ValueError as error:
            errors[field.name] = [str(error)]
    if errors:
        raise Invalid(errors=errors)
    return answers


def _read(field: Field, raw: Any) -> Any:
    if field.kind is Kind.CHOICES:
        chosen = [str(one) for one in (raw if isinstance(raw, list | tuple) else [raw] if raw else [])]
        for one in chosen:
            _chosen(field, one)
        if field.required and not chosen:
            raise ValueError(f"请选择{field.label}。")
        if len(set(chosen)) != len(chosen) or len(chosen) > field.most:
            raise ValueError(f"{field.label}最多选择 {field.most} 个，且不能重复。")
        return chosen
    text = "" if raw is None else str(raw).strip()
    if not text:
        if field.required:
            verb = "选择" if field.kind in (Kind.CHOICE, Kind.DAY) else "填写"
            raise ValueError(f"请{verb}{field.label}。")
        return ""
    if field.kind is Kind.CHOICE:
        return _chosen(field, text)
    if field.kind is Kind.DAY:
        return _day(field, text)
    if field.kind is Kind.NUMBER:
        if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= field.most:
            raise ValueError(f"{field.label}应当是 1 至 {field.most} 的整数。")
        return int(text)
    if len(text) > field.most:
        raise ValueError(f"{field.label}不得超过 {field.most} 字，现在有 {len(text)} 字。")
    return text


def _chosen(field: Field, value: str) -> str:
    option = next((o for o in field.options if o.value == value), None)
    if option is None:
        raise ValueError(f"请在列出的{field.label}中选择。")
    if option.why_not:
        raise ValueError(f"不能选择{option.label}：{option.why_not}")
    return value


def _day(field: Field, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"{field.label}应当是日期，如 2026-03-05。") from None
