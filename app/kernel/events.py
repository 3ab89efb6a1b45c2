"""What happens to a case, and how the other rooms take part.

An event is published inside the transaction that caused it. `app/flow.py` is the one table that says who
takes part, in which order; a subscriber that raises rolls the whole act back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class LiveTask:
    """One task or waiting event of a running case.

    `attributes` holds the `xq:` attributes of the node (step, limit, form, duty, officers, basis ...) and
    `position` the position key of its lane. `kind` is `user` for a task in somebody's inbox and `message`
    for a catching event that an officer may register.
    """

    id: str
    node: str
    name: str
    kind: str
    position: str
    attributes: Mapping[str, str]
    documents: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """Something that happened to a case.

    `actor_id` is the officer, None for the platform itself (timers), `actor_name` and `actor_position` (its key)
    what the person was called and acted as. `context` is the case as documents, clocks and the record may see
    it: `case`, `agency`, `party`, `handlers`, `forms` (latest data by form key), `attributes`; plain values
    only.
    """

    case_id: int
    agency_id: int
    region: str
    at: datetime
    actor_id: int | None
    procedure: str
    context: Mapping[str, Any] = field(repr=False)
    actor_name: str = ""
    actor_position: str = ""


@dataclass(frozen=True, slots=True)
class CaseOpened(CaseEvent):
    """A case was opened from a lead. `work_items` and `issued` as of a completed step; `item_version` is the SHA-256 of
    what the power item says by the version the case was opened on."""

    item_version: str = ""
    opened: Sequence[LiveTask] = ()
    work_items: Mapping[str, int] = field(default_factory=dict)
    issued: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StepCompleted(CaseEvent):
    """A task was completed, a message registered, or a timer fired (`work_item_id` is None for a timer).

    `steps` are the legal step tags this act passed, in order, service tasks included; `opened` and `closed`
    are the tasks that appeared and the engine ids of those that ended; `actions` the named actions to carry
    out; `changed` the attributes that have another value than before; `finished` says that the procedure has
    come to its end. `work_items` are the inbox rows of `opened` by engine id; `issued` is where `documents`
    notes what it issued, `clocked` where `deadlines` notes what its clocks did: the step, `start`, `stop`, `pause` or
    `resume`, and the id of the clock or the suspension; `noted` is where other rooms put what belongs into the entry of
    the act, lists by name: what stands under `data` in one of a list is named by its digest; `handed_in` says that `data`
    is what was handed in at this task before and recorded then, and others have only agreed to it since; `sums` is what
    the act says of the amounts that the law leaves to discretion (`cases.rules.sums`).
    """

    work_item_id: int | None = None
    task: LiveTask | None = None
    form: str = ""
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)
    steps: Sequence[str] = ()
    opened: Sequence[LiveTask] = ()
    closed: Sequence[str] = ()
    actions: Sequence[str] = ()
    changed: Mapping[str, Any] = field(default_factory=dict)
    finished: bool = False
    work_items: Mapping[str, int] = field(default_factory=dict)
    issued: list[Mapping[str, Any]] = field(default_factory=list)
    clocked: list[tuple[str, str, int]] = field(default_factory=list)
    noted: dict[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict, repr=False)
    handed_in: bool = False
    sums: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class DocumentDemanded(CaseEvent):
    """An officer asks for a document that a task lets be made on demand (制作文书), or an act on the case brings one; the
    procedure stays where it is.

    `node` and `step` are the task's (empty: it was an act on the case, told in `context` as `act`), `form` the
    document's own, whose answers stand in `context` under `forms`;
    `issued` is where `documents` notes what it issued.
    """

    work_item_id: int | None = None
    node: str = ""
    step: str = ""
    code: str = ""
    form: str = ""
    issued: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CaseNoted(CaseEvent):
    """An act that leaves the procedure where it is: claim, evidence added, suspension, extension ...

    `kind` is the act's name in the record, `detail` its content, `files` the SHA-256 of files it brought. Where data of a
    form is in it, `context` has the forms before.
    """

    kind: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    files: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class DocumentIssued(CaseEvent):
    """A statutory document got its number. `digest` is the SHA-256 of the data it was made from."""

    document_id: int = 0
    code: str = ""
    number: str | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class ClockTurned:
    """The light of a running clock turned by itself (record kind `clock.light`); `light` is its new key.

    `work_item_id` is the inbox row of a position clock, None for a statutory one.
    """

    case_id: int
    agency_id: int
    region: str
    at: datetime
    clock_id: int
    light: str
    name: str
    work_item_id: int | None = None


@dataclass(frozen=True, slots=True)
class ClockMoved:
    """The due moment of an open clock changed (record kind `clock.due`).

    `cause` is `suspend`, `resume`, `extend` or `calendar`; the inbox copies `due_at` and `light`.
    """

    case_id: int
    agency_id: int
    region: str
    at: datetime
    clock_id: int
    name: str
    cause: str
    due_at: datetime
    light: str
    work_item_id: int | None = None


Subscriber = Callable[[Session, Any], None]
_flow: Mapping[type, Sequence[Subscriber]] = {}


def install(flow: Mapping[type, Sequence[Subscriber]]) -> None:
    """Set the table of subscribers (done once, from `app.flow`)."""
    global _flow
    _flow = flow


def publish(session: Session, event: object) -> None:
    """Run the event's subscribers in order, inside the caller's transaction.

    Raises:
        LookupError: the event is missing from the table: nothing may happen unrecorded.
    """
    for subscriber in _flow[type(event)]:
        subscriber(session, event)
