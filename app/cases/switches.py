"""Switches of an agency (机关设置): demands of its own that go beyond the law, on for all its cases.

A rule set says which attribute a switch makes true (`setting` of an attribute); the diagram and the gates read what is
derived from it. A switch that was on at any time since a case was opened holds for this case: switching it off is for
later cases. So an attribute follows from the history of the switch and the case alone, however often acts are taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.diagrams.rules import Rules
from app.kernel import clock, editions, reads
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.people import service as people

from .desk_settings import is_head
from .models import AgencySwitch
from .switch_models import SWITCHES

if TYPE_CHECKING:
    from .locking import Running

LONGEST = 500
HEADS_ONLY = "机关设置由本机关分管负责人或者主要负责人决定。"
TURNS = 'select agency_id, name, "on", set_at from agency_switch order by agency_id, name, id'
ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch as the data file describes it; `on` and `off` are what turning it causes."""

    name: str
    label: str
    told: str
    basis: str
    on: tuple[str, ...]
    off: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """When a switch was turned, by whom and why; `id` 0: it never was."""

    id: int = 0
    on: bool = False
    reason: str = ""
    by: str = ""
    at: datetime | None = None


@cache
def known() -> Mapping[str, Switch]:
    """The switches there are, by name."""
    path = Path(__file__).parent / "data" / "switches.yaml"
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))["switches"]
    return {
        name: Switch(
            name, one["label"], one["told"], one["basis"], tuple(one["turned_on"]), tuple(one["turned_off"])
        )
        for name, one in raw.items()
    }


Turned = Mapping[tuple[int, str], Sequence[tuple[bool, datetime]]]
_kept: tuple[str, Turned] = ("", {})
"""Only a cache: every question asks the database for the edition first."""


def _turned(session: Session) -> Turned:
    global _kept
    edition = editions.current(session, SWITCHES)
    if _kept[0] != edition:
        (rows,) = reads.fetch(session, (TURNS, {}))
        found: dict[tuple[int, str], list[tuple[bool, datetime]]] = {}
        for row in rows:
            found.setdefault((row["agency_id"], row["name"]), []).append((row["on"], row["set_at"]))
        _kept = (edition, found)
    return _kept[1]


def _was_on(turns: Sequence[tuple[bool, datetime]], since: datetime) -> bool:
    """Whether a switch is on, or was at any time after a moment."""
    last = bool(turns) and turns[-1][0]
    return last or any(on and end > since for (on, _), (_, end) in pairwise(turns))


def demanded(session: Session, rules: Rules, agency_id: int, since: datetime) -> tuple[str, ...]:
    """The attributes of a rule set that are true in a case opened at a moment because its agency demands so."""
    named = [one for one in rules.attributes.values() if one.setting]
    if not named:
        return ()
    turned = _turned(session)
    return tuple(one.name for one in named if _was_on(turned.get((agency_id, one.setting), ()), since))


def of_case(running: "Running") -> tuple[str, ...]:
    """The same for a case."""
    case = running.case
    return demanded(running.session, running.procedure.rules, case.agency_id, case.opened_at)


def taken_up(rules: Rules, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The attributes that an act is the first to find demanded."""
    named = [one.name for one in rules.attributes.values() if one.setting in known()]
    return [name for name in named if after.get(name) and not before.get(name)]


def states(session: Session, actor: Actor) -> list[tuple[Switch, list[Turn]]]:
    """Every switch with its turns in the actor's agency, the newest first.

    Raises:
        Forbidden: the person is no head.
    """
    _for_heads(actor)
    chosen = select(AgencySwitch).where(AgencySwitch.agency_id == actor.agency_id)
    rows = session.scalars(chosen.order_by(AgencySwitch.id.desc())).all()
    names = people.officers(session, {row.set_by for row in rows})
    found: dict[str, list[Turn]] = {name: [] for name in known()}
    for row in rows:
        if row.name in found:
            found[row.name].append(Turn(row.id, row.on, row.reason, names[row.set_by].name, row.set_at))
    return [(switch, found[name]) for name, switch in known().items()]


def turn(session: Session, actor: Actor, name: str, on: bool, reason: str, version: int) -> Turn:
    """Turn a switch of the actor's agency. `version` is the id of the turn the person has seen (0: none).

    Raises:
        Forbidden: the person is no head. NotFound: there is no such switch.
        Invalid: no reason, or it is that way already. Conflict: somebody else turned it meanwhile.
    """
    _for_heads(actor)
    if name not in known():
        raise NotFound("没有这项机关设置。")
    session.execute(ONE_AT_A_TIME, {"key": f"agency_switch:{actor.agency_id}:{name}"})
    chosen = select(AgencySwitch).where(AgencySwitch.agency_id == actor.agency_id, AgencySwitch.name == name)
    last = session.scalar(chosen.order_by(AgencySwitch.id.desc()).limit(1))
    if (last.id if last else 0) != version:
        raise Conflict("这项设置已由他人改动，未作任何处理。请刷新页面查看现在的状态。", code="moved_on")
    errors: dict[str, Any] = {}
    if not reason.strip():
        errors["reason"] = ["请写明理由。"]
    elif len(reason.strip()) > LONGEST:
        errors["reason"] = [f"理由不得超过 {LONGEST} 字，现在有 {len(reason.strip())} 字。"]
    if on == bool(last and last.on):
        errors["on"] = [f"这项设置现在已经{'开启' if on else '关闭'}，不需要重复设置。"]
    if errors:
        raise Invalid(errors=errors)
    row = AgencySwitch(
        agency_id=actor.agency_id, name=name, on=on, reason=reason.strip(), set_by=actor.officer_id or 0,
        set_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return Turn(row.id, on, row.reason, actor.name, row.set_at)


def _for_heads(actor: Actor) -> None:
    if not is_head(actor):
        raise Forbidden(HEADS_ONLY)
