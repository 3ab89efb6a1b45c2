"""A case played again along its diagram (案件回放): every entry of its record as one frame, with the way the token
took, what waited afterwards, and whether the drawing allows the step.

The record says what was done and what opened; the way between the two is found in the drawing (`ways`). A step that
was not waiting, or from which the drawing leads nowhere near what opened, is marked: the engine makes none, so a
marked one means that the case or its record was touched from outside, or moved by a version that drew it otherwise.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.people import service as people

from . import changes, overview, rules, ways
from .desk_acts.carrying import kinds
from .models import Case

Reader = Callable[[Session, int], Sequence[Any]]

TITLES = {
    "case.opened": "发起办件",
    "case.migrated": "迁移到流程的另一版本",
    "step.completed": "办结“{node}”",
    "step.handed_in": "提交“{node}”，待协办确认",
    "step.sent_back": "协办退回“{node}”",
    "work.cosigned": "协办确认“{node}”，送会签",
    "sign.completed": "“{node}”会签完成",
    "work.claimed": "签收“{node}”",
    "scene.brought": "从“{node}”的现场带回记录",
    "evidence.registered": "在“{node}”登记证据",
    "evidence.amended": "在“{node}”补充证据的登记内容",
    "evidence.set_aside": "在“{node}”排除一件证据",
    "evidence.taken_back": "在“{node}”恢复一件证据",
    "message.registered": "登记“{node}”",
    "timer.fired": "期限届满，自动进入下一环节",
    "clock.suspended": "暂停计时",
    "clock.resumed": "恢复计时",
    "clock.extended": "延长期限",
    "gate.marked": "办理时期限已满",
    "document.issued": "签发文书",
    **changes.KINDS,
    "document.made": "在“{node}”制作文书",
    "recusal.requested": "申请回避",
    "recusal.approved": "决定回避",
    "recusal.rejected": "决定不回避",
    "recusal.lifted": "解除回避",
    **{kind: f"{label}“{{node}}”" for kind, label in kinds()},
}
"""The entries that are shown; lights and exports are no part of the way."""
MOVES = ("case.opened", "step.completed", "message.registered", "timer.fired")
TAKEN_BACK = ("work.return", "work.withdraw", "work.reroute")
"""The case stands again where it stood before: no way of a token, but other tasks wait."""


def _no_record(session: Session, case_id: int) -> Sequence[Any]:
    raise LookupError("the application has not said how the record is read")


_record: Reader = _no_record


def install_record(reader: Reader) -> None:
    """Tell this room how the record is read (done once, by `app.ports`)."""
    global _record
    _record = reader


@dataclass(frozen=True, slots=True)
class Frame:
    """One entry. `way` are the elements of the internal diagram the token went along, `live` where it waits
    afterwards; `passed` and `current` the statutory steps of the external diagram. `off` says why the drawing does not
    allow the step (empty: it does)."""

    seq: int
    at: datetime
    kind: str
    title: str
    who: str
    position: str
    told: Sequence[str]
    version: int
    node: str
    way: Sequence[str]
    live: Sequence[str]
    passed: Sequence[str]
    current: Sequence[str]
    off: str = ""


@dataclass(frozen=True, slots=True)
class Replay:
    """All frames of a case, and the versions it ran on, in order of first use: `Frame.version` counts in them."""

    frames: Sequence[Frame]
    versions: Sequence[diagrams.Procedure]

    @property
    def off(self) -> int:
        """How many steps the drawing does not allow."""
        return sum(bool(frame.off) for frame in self.frames)

    @property
    def steps(self) -> int:
        """How many frames moved the case."""
        return sum(frame.kind in MOVES for frame in self.frames)


@dataclass(slots=True)
class _Stand:
    """Where the case stands between two frames."""

    procedure: diagrams.Procedure
    live: list[str] = field(default_factory=list)
    before_timer: list[str] | None = None
    passed: dict[str, datetime] = field(default_factory=dict)


def replay(session: Session, case: Case) -> Replay:
    """A case from its first entry to its last. Who may see the case is the caller's question.

    Raises:
        LookupError: nothing is recorded.
    """
    positions = people.position_names(session)
    entries = [entry for entry in _record(session, case.id) if entry.kind in TITLES]
    versions: list[diagrams.Procedure] = []
    stand: _Stand | None = None
    frames = []
    for entry in entries:
        if named := entry.content.get("procedure") or (entry.content.get("to") if _migrated(entry) else None):
            procedure = diagrams.by_name(session, named)
            if procedure.id not in [one.id for one in versions]:
                versions.append(procedure)
            stand = stand or _Stand(procedure)
            stand.procedure = procedure
        if stand is None:
            raise LookupError("a record begins with the opening of its case")
        frames.append(_frame(entry, stand, versions, positions))
    return Replay(frames, versions)


def _migrated(entry: Any) -> bool:
    return bool(entry.kind == "case.migrated")


def _frame(
    entry: Any, stand: _Stand, versions: Sequence[diagrams.Procedure], positions: Mapping[str, str]
) -> Frame:
    process = ways.drawn(stand.procedure.whole)
    node = str(entry.content.get("node", ""))
    way, off = _move(entry, stand, node) if entry.kind in MOVES else ((), "")
    if entry.kind in TAKEN_BACK:
        way = _take_back(entry, stand)
    name = process.nodes[node].name if node in process.nodes else node
    return Frame(
        seq=entry.seq,
        at=entry.at,
        kind=entry.kind,
        title=TITLES[entry.kind].format(node=name),
        who=entry.actor_name or "平台",
        position=positions.get(entry.position, "") if entry.position else "",
        told=tuple(_told(entry, process)),
        version=[one.id for one in versions].index(stand.procedure.id),
        node=node,
        way=tuple(way),
        live=tuple(stand.live),
        off=off,
        **_external(stand),
    )


def _move(entry: Any, stand: _Stand, node: str) -> tuple[Sequence[str], str]:
    """Move the token: the way it took, and what is wrong with it."""
    process = ways.drawn(stand.procedure.whole)
    opened = [str(one) for one in entry.content.get("opened", ())]
    steps = dict.fromkeys(entry.content.get("steps", ()), entry.at)
    stand.passed = rules.passed_after(stand.procedure.rules, stand.passed, steps)
    if entry.kind == "case.opened":
        starts = [
            one.id for one in process.nodes.values() if one.tag == "startEvent" and one.scope == process.id
        ]
        stand.live = opened
        return _path(process, starts[:1], opened)
    off = ""
    if entry.kind == "timer.fired":
        before, sources = list(stand.live), list(ways.timers(process, stand.live))
        sources = [one for one in sources if len(ways.ways(process, one, opened)) == len(set(opened))][
            :1
        ] or sources[:1]
    else:
        before, sources = None, [node]
        if node not in stand.live and stand.before_timer and node in stand.before_timer:
            stand.live = list(
                stand.before_timer
            )  # it came in time and is entered late: the firing is taken back
        if node not in stand.live:
            off = "这一环节当时没有等待办理"
    ended = {one for source in sources for one in (source, *ways.beside(process, source))}
    stand.live = [*(one for one in stand.live if one not in ended or one in opened), *opened]
    stand.live = list(dict.fromkeys(stand.live))
    stand.before_timer = before
    if entry.content.get("finished"):
        stand.live = []
        return (*sources, *(ways.end_of(process, sources[0]) if sources else ())), off
    way, wrong = _path(process, sources, opened)
    return way, off or wrong


def _take_back(entry: Any, stand: _Stand) -> Sequence[str]:
    """Let the tasks wait that waited before; they are the way that is shown."""
    opened = [str(one) for one in entry.content.get("opened", ())]
    ended = list(entry.content.get("ended", ()))
    stand.live = [one for one in stand.live if one not in ended] + opened
    stand.live = list(dict.fromkeys(stand.live))
    stand.before_timer = None
    for step in entry.content.get("unpassed", ()):
        stand.passed.pop(step, None)
    stand.passed |= dict.fromkeys(entry.content.get("passed", ()), entry.at)
    return opened


def _path(process: Any, sources: Sequence[str], opened: Sequence[str]) -> tuple[Sequence[str], str]:
    found: dict[str, Sequence[str]] = {}
    for source in sources:
        found = {**ways.ways(process, source, opened), **found}
    missing = [process.nodes[one].name if one in process.nodes else one for one in opened if one not in found]
    off = f"图上没有从这里到“{'、'.join(missing)}”的路径" if missing else ""
    parts = [part for target, way in found.items() for part in (*way, target)]
    return tuple(dict.fromkeys([*sources, *parts])), off


def _told(entry: Any, process: Any) -> list[str]:
    found = []
    if opened := entry.content.get("opened"):
        names = [
            process.nodes[one].name for one in opened if one in process.nodes and process.nodes[one].name
        ]
        if names:
            found.append(f"下一环节：{'、'.join(names)}")
    if entry.kind in TAKEN_BACK and (to := entry.content.get("to")) in process.nodes:
        found.append(f"退到：{process.nodes[to].name}")
    for paper in entry.content.get("papers", ()):
        found.append(f"文书作废 {paper['code']} {paper['number'] or ''}".strip())
    if count := len(entry.content.get("unasked", ())):
        found.append(f"委派、会签中尚未答复的{count}人不再办理")
    if count := entry.content.get("sittings"):
        found.append(f"取消集体讨论或者听证{count}次")
    if reason := entry.content.get("reason"):
        found.append(f"理由：{reason}")
    if _migrated(entry):
        found.append(f"{entry.content['from']} → {entry.content['to']}")
    found += [f"签发文书 {one['code']} {one['number'] or ''}".strip() for one in entry.documents]
    found += list(entry.content.get("marks", ()))
    if entry.content.get("finished"):
        found.append("全案办结")
    return found


def _external(stand: _Stand) -> dict[str, tuple[str, ...]]:
    declared = stand.procedure.rules
    process = ways.drawn(stand.procedure.whole)
    waiting = [one for one in stand.live if one in process.nodes and one not in ways.may_happen(process)]
    steps = [process.nodes[one].attributes.get("step", "") for one in waiting]
    now = {declared.external_of(step) for step in steps if step}
    past = {declared.external_of(step) for step in stand.passed}
    found: dict[str, list[str]] = {"current": [], "passed": []}
    for node, _, tags, *_ in overview.external_nodes(stand.procedure.external):
        if now & set(tags):
            found["current"].append(node)
        elif past & set(tags):
            found["passed"].append(node)
    return {key: tuple(value) for key, value in found.items()}
