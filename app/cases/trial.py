"""试运行: play a draft with the real engine, gates, clocks and documents, in a transaction that leaves nothing.

`play` puts the draft there as a version that nobody else ever sees, with an agency of stand-ins, does the acts of a
script one after the other, lets the caller look, and rolls everything back. It has a connection of its own, so that it
may be called in the middle of another act, which it neither sees nor touches.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.catalogue.models import PowerItem
from app.diagrams import service as diagrams
from app.diagrams.rules import Rules
from app.documents import service as documents
from app.engine import service as engine
from app.forms import service as forms
from app.kernel import clock, files, writes
from app.kernel.auth import Role
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, XingquanError
from app.kernel.transaction import transaction
from app.people import service as people

from . import acts, linking, locking, publication, stepping, timers
from .models import Case, WorkItem
from .trial_script import MOST_ACTS, Act, Outcome, Script

T = TypeVar("T")
ITEM, OFFERED = -1, "试运行移交事项（虚构）"
MOST_TIMERS, MOST_ASKED = 100, 32
FILE = {"name", "digest", "size", "type"}
"""What an answer says of a stored file."""
ROLES = {"analyst": Role.ANALYST}
"""Whose account is not that of an officer."""
UNSEEN = diagrams.Provenance(diagrams.Origin.APPROVED, "试运行")
"""Nobody but the try itself ever meets the version."""
PATIENCE = "set local lock_timeout = '20s'; set local statement_timeout = '60s'"


class _Curtain(Exception):
    """The play is over: everything is rolled back."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An act of the script as it went. `name` is the task's (empty: time went by), `people` who signed, `message` what
    the person would have been told, `fired` the tasks that timers opened on the way."""

    at: datetime
    name: str
    people: tuple[str, ...]
    message: str
    outcome: Outcome
    article: str = ""


@dataclass(slots=True)
class Stage:
    """A try as it stands, within its transaction.

    `stopped` is why the script could not be done to its end; `happened` then holds the acts before.
    """

    session: Session
    procedure: diagrams.Procedure
    cast: Mapping[int, people.StandIn]
    case_id: int
    moment: datetime
    happened: list[Happened] = field(default_factory=list)
    opened: Outcome = field(default_factory=Outcome)
    stopped: XingquanError | None = None
    acts: list[Act] = field(default_factory=list)
    """What was done, the improvised acts too."""

    @property
    def case(self) -> Case:
        return self.session.get_one(Case, self.case_id, populate_existing=True)

    @property
    def waiting(self) -> Sequence[WorkItem]:
        return stepping.open_work(self.session, self.case_id)

    def running(self) -> locking.Running:
        """The case with all that its pages need, at the try's moment."""
        return locking.running(self.session, self.case, self.moment)

    def task(self, node: str) -> WorkItem:
        """The waiting task of a node.

        Raises:
            NotFound: none waits there.
        """
        found = next((work for work in self.waiting if work.node == node), None)
        if found is None:
            raise NotFound("这项任务现在没有待办。")
        return found

    def may_act(self, work: WorkItem) -> list[people.StandIn]:
        """The stand-ins who may be tried at a task: its assignee alone, or those of its position."""
        if work.assignee_id is not None:
            return [self.cast[work.assignee_id]]
        return [person for person in self.cast.values() if person.position == work.position_key]


def play(
    bundle: diagrams.Bundle,
    script: Script,
    look: Callable[[Stage], T],
    improvise: Callable[[Stage], Act | None] | None = None,
) -> T:
    """Do a script with a draft and answer what `look` sees. Nothing of it remains.

    `improvise` goes on after the script: it says the next act (None: enough), until one is refused.

    Raises:
        Invalid: the draft cannot run at all; the message says why.
        Conflict: others are trying at this moment.
    """
    with current_app.app_context():
        found: list[T] = []
        try:
            with transaction() as session:
                session.execute(text(PATIENCE))
                stage = _begin(session, bundle, script)
                for act in chain(script.acts, _improvised(stage, improvise)):
                    if not _step(stage, act):
                        break
                    stage.acts.append(act)
                with clock.at(stage.moment):
                    found.append(look(stage))
                raise _Curtain
        except _Curtain:
            return found[0]


def _improvised(stage: Stage, improvise: Callable[[Stage], Act | None] | None) -> Iterator[Act]:
    while improvise is not None and len(stage.acts) < MOST_ACTS:
        with clock.at(stage.moment):
            act = improvise(stage)
        if act is None:
            return
        yield act


def _begin(session: Session, bundle: diagrams.Bundle, script: Script) -> Stage:
    own = diagrams.for_trial(bundle)
    if script.source:
        session.info[linking.TRIED] = script.source
    with clock.at(script.opened):
        cast = {person.id: person for person in people.stand_ins(session, script.region, ROLES)}
        try:
            version = diagrams.publish(session, own, _runnable, UNSEEN)
        except Invalid as error:
            reasons = error.errors.get("bundle", [error.message])
            told = "草稿还不能试运行，请先改正：" + "；".join(reasons)
            raise Invalid(told, code="not_runnable", errors={"draft": reasons}) from error
        procedure = diagrams.procedure(session, version.id)
        _items(session, procedure, script.item)
        case_id = _open(session, procedure, cast)
        stage = Stage(session, procedure, cast, case_id, script.opened)
        stage.opened = _outcome(stage, {}, frozenset())
    return stage


def _runnable(bundle: diagrams.Bundle, rules: Rules) -> Sequence[str]:
    """Why no case could run on it; asked once of the same content."""
    if bundle.digest not in _asked:
        if len(_asked) >= MOST_ASKED:
            _asked.pop(next(iter(_asked)), None)
        _asked[bundle.digest] = publication.runnable(bundle, rules)
    return _asked[bundle.digest]


_asked: dict[str, Sequence[str]] = {}
PUT_ITEM = """
insert into power_item (id, agency_id, code, name, kind, procedure, status, basis, content)
overriding system value values (:id, :agency, :code, :name, :kind, :procedure, :status, '[]', '{}')
"""


def _items(session: Session, procedure: diagrams.Procedure, item: Mapping[str, Any]) -> None:
    """The item of the try, and one of each kind that its forms offer to hand a lead over to."""
    own = {
        "id": ITEM,
        "agency": people.STAND_IN_AGENCY,
        "code": "TRY",
        "name": str(item.get("name") or "试运行事项"),
        "kind": str(item.get("kind") or "penalty"),
        "procedure": procedure.key,
        "status": catalogue.ItemStatus.PUBLISHED.value,
    }
    rows = [own]
    for place, offered in enumerate(_offered(procedure), 1):
        where, _, kind = offered.rpartition(":")
        agency = people.OTHER_STAND_IN_AGENCY if where else people.STAND_IN_AGENCY
        named = {"id": ITEM - place, "agency": agency, "code": f"TRY-{kind}", "name": OFFERED, "kind": kind}
        rows.append(own | named)
    session.execute(text(PUT_ITEM), rows)
    for row in session.scalars(select(PowerItem).where(PowerItem.id <= ITEM)).all():
        if row.id == ITEM:
            row.basis, row.content = list(item.get("basis") or ()), dict(item.get("content") or {})
        catalogue.versions.taken_over(session, row, "试运行")
    session.flush()


def _offered(procedure: diagrams.Procedure) -> list[str]:
    """The kinds of items that the forms offer, as they name them."""
    read = (forms.published(procedure.digest, procedure.forms, key) for key in procedure.forms)
    return sorted(
        {offered for form in read for item in form.keyed() if (offered := getattr(item, "items", ""))}
    )


def _open(session: Session, procedure: diagrams.Procedure, cast: Mapping[int, people.StandIn]) -> int:
    """Open the case as somebody at the position of its first task; its id."""
    by_position = {person.position: person for person in reversed(cast.values())}
    nodes = engine.nodes(locking.spec_of(procedure)).values()
    for position in dict.fromkeys(node.position for node in nodes if node.position in by_position):
        try:
            with writes.nested(session):
                return acts.open_case(session, by_position[position].actor, ITEM, _key()).case_id
        except Forbidden:
            continue  # the first task is another position's
    raise Invalid("流程的第一个任务没有放在任何岗位的泳道里，不能开始。", code="not_runnable")


def _step(stage: Stage, act: Act) -> bool:
    """Do one act; whether the script can go on."""
    before = dict(stage.case.attributes)
    known = {d.id for d in documents.of_case(stage.session, stage.case_id)}
    try:
        _elapse(stage, act.at)
        if not act.node:
            outcome = _outcome(stage, before, known)
            stage.happened.append(Happened(act.at, "", (), "时间推移", outcome))
            return True
        name, signers, message = _hand_in(stage, act)
    except XingquanError as error:
        return _refused(stage, act, error)
    if act.refused:
        stage.stopped = Conflict(f"“{name}”应当被拒绝，却办成了。", code="not_refused")
        return False
    outcome = _outcome(stage, before, known)
    stage.happened.append(Happened(act.at, name, signers, message, outcome))
    return True


def _refused(stage: Stage, act: Act, error: XingquanError) -> bool:
    if not act.refused or error.code != act.refused:
        stage.stopped = error
        return False
    work = next((w for w in stage.waiting if w.node == act.node), None)
    name = work.name if work else act.node
    now = _outcome(
        stage, dict(stage.case.attributes), {d.id for d in documents.of_case(stage.session, stage.case_id)}
    )
    article = getattr(error, "article", "")
    stage.happened.append(
        Happened(act.at, name, (), error.message, replace(now, refused=error.code), article)
    )
    return True


def _hand_in(stage: Stage, act: Act) -> tuple[str, tuple[str, ...], str]:
    """Hand a task in, and confirm it where a second officer must; the task's name, who signed, what was told."""
    session = stage.session
    with clock.at(act.at):
        work = stage.task(act.node)
        person = stage.cast.get(act.by) or stage.may_act(work)[0]
        name = work.name
        with writes.nested(session):
            answers = _with_files(act.answers)
            told = acts.hand_in(session, person.actor, work.id, work.version, _key(), lambda *_: answers)
            signers = [person.name]
            if told.outcome == "cosign":
                work = stage.task(act.node)
                second = stage.cast[work.cosigner_id or 0]
                told = acts.confirm(session, second.actor, work.id, work.version, _key())
                signers.append(second.name)
            locking.release(session)
    return name, tuple(signers), told.message


def _with_files(value: Any) -> Any:
    """Answers with a stand-in for every file that is not in this store: a run that comes from elsewhere names files, but
    does not bring them. The same file has the same stand-in everywhere."""
    if isinstance(value, Mapping):
        if set(value) == FILE and not files.intact(value["digest"]):
            content = f"{value['name']}\n{value['digest']}\n试运行的替代文件，不是真实材料。\n".encode()
            return {**value, "digest": files.put(content), "size": len(content), "type": "text/plain"}
        return {name: _with_files(inner) for name, inner in value.items()}
    return [_with_files(inner) for inner in value] if isinstance(value, list) else value


def _elapse(stage: Stage, until: datetime) -> None:
    """Let time go by: timers of the procedure fire at their moments."""
    for _ in range(MOST_TIMERS):
        due = stage.case.next_due
        if due is None or due > until:
            break
        with clock.at(due), writes.nested(stage.session):
            timers.fire(stage.session, stage.case_id, due)
    else:
        raise Invalid("流程中的定时事件没有尽头，试运行到此为止。", code="endless")
    stage.moment = until


def _outcome(stage: Stage, before: Mapping[str, Any], known: set[int] | frozenset[int]) -> Outcome:
    stage.session.expire_all()
    case = stage.case
    issued = documents.of_case(stage.session, stage.case_id)
    return Outcome(
        waiting=tuple(sorted(work.node for work in stage.waiting)),
        passed=tuple(sorted(case.passed)),
        documents=tuple(d.code for d in issued if d.id not in known),
        changed={k: v for k, v in case.attributes.items() if before and before.get(k) != v},
    )


def _key() -> str:
    return f"try{secrets.token_hex(12)}"


def form_at(bundle: diagrams.Bundle, node: str) -> forms.Form:
    """The form of a node of a draft.

    Raises:
        NotFound: there is no such node, or it asks for nothing.
        Invalid: the diagram or the form cannot be read.
    """
    source = engine.Source(internal=bundle.whole)
    info = engine.nodes(engine.spec(diagrams.for_trial(bundle).digest, lambda: source)).get(node)
    key = info.attributes.get("form", "") if info else ""
    if key not in bundle.forms:
        raise NotFound("草稿中没有这项任务，或者它没有表单。请刷新页面。")
    return forms.load(dict(bundle.forms[key]))


def spec_of(stage: Stage) -> engine.Spec:
    """The engine's parsed form of what is being tried."""
    return locking.spec_of(stage.procedure)


__all__ = ["Happened", "Stage", "form_at", "play", "spec_of"]
