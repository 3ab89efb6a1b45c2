"""What a procedure's rules.yaml declares about its statutory clocks. PURE."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from app.kernel.clock import CHINA, legal_day
from app.kernel.errors import Invalid

from .rules import Limit, Side, parse_limit

REQUIRED = {"id": "标识", "name": "名称", "limit": "期限", "basis": "法律依据"}
OPTIONAL = {
    "side",
    "starts_when",
    "stops_when",
    "extension",
    "lengthened",
    "suspensions",
    "warn",
    "dates",
    "source",
    "unsure",
}
KNOWN = {*REQUIRED, "starts", "stops", *OPTIONAL}


class Cause(StrEnum):
    """Why days do not count. A general law names none of these: the basis is always asked for."""

    HEARING = "hearing"
    ANNOUNCEMENT = "announcement"
    TESTING = "testing"
    IDENTIFICATION = "identification"
    REFUND = "refund"
    STAY = "stay"
    OTHER = "other"


CAUSE_WORDS = {
    Cause.HEARING: "听证",
    Cause.ANNOUNCEMENT: "公告",
    Cause.TESTING: "检测、检验、检疫、鉴定",
    Cause.IDENTIFICATION: "辨认、鉴别",
    Cause.REFUND: "责令退还多收价款",
    Cause.STAY: "中止",
    Cause.OTHER: "法律、法规、规章规定的其他情形",
}
APPROVERS = {"head": "主要负责人", "deputy": "分管负责人", "collective": "负责人集体讨论"}


@dataclass(frozen=True, slots=True)
class ExtensionStage:
    """One lawful extension. `limit` is its maximum, None where the law leaves the length to the approver."""

    limit: Limit | None
    approver: str
    basis: str

    @property
    def approver_words(self) -> str:
        """Who may approve, as a person reads it."""
        return APPROVERS.get(self.approver, self.approver)


def cause_of(text: str) -> Cause:
    """A cause by its name in code or by its Chinese words, with or without `、`.

    Raises:
        ValueError: there is no such cause.
    """
    for cause, words in CAUSE_WORDS.items():
        if text in (cause, words, words.replace("、", "")):
            return cause
    raise ValueError(f"没有“{text}”这种暂停情形")


@dataclass(frozen=True, slots=True)
class PauseRule:
    """A cause for which days do not count. With `from_step` the clock pauses by itself until `to_step`."""

    cause: Cause
    basis: str
    from_step: str = ""
    to_step: str = ""


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One declared clock. `stages` are the extensions in their order, each used once.

    `stops_when` maps a stopping step to the condition under which it stops the clock; without one it always does.
    `dates` maps a legal step to the field of its form that says on which day it really happened (served on
    Monday, entered on Wednesday). `lengthened` maps a step that approves an extension to the field that names the new last
    day. `pauses` empty: any cause with a basis.
    """

    id: str
    name: str
    limit: Limit
    basis: str
    side: Side
    starts: frozenset[str]
    stops: frozenset[str]
    starts_when: Mapping[str, Any] | None = None
    stops_when: Mapping[str, Any] = field(default_factory=dict)
    stages: tuple[ExtensionStage, ...] = ()
    pauses: tuple[PauseRule, ...] = ()
    warn: Limit | None = None
    dates: Mapping[str, str] = field(default_factory=dict)
    lengthened: Mapping[str, str] = field(default_factory=dict)

    @property
    def followed(self) -> frozenset[str]:
        """All legal steps that mean something to this clock."""
        pauses = {step for pause in self.pauses for step in (pause.from_step, pause.to_step) if step}
        return self.starts | self.stops | pauses | self.lengthened.keys()

    def stored(self) -> dict[str, Any]:
        """The part a running clock keeps, as JSON."""
        return {
            "warn": str(self.warn) if self.warn else None,
            "causes": {pause.cause: pause.basis for pause in self.pauses},
            "stages": [
                {"limit": str(s.limit) if s.limit else None, "approver": s.approver, "basis": s.basis}
                for s in self.stages
            ],
        }


def _stages(declared: Any) -> tuple[ExtensionStage, ...]:
    stages: list[ExtensionStage] = []
    for one in declared if isinstance(declared, list) else [declared] if declared else []:
        limit = parse_limit(one["limit"]) if one.get("limit") else None
        stage = ExtensionStage(limit, one.get("approver", ""), one.get("basis", ""))
        stages += [stage] * int(one.get("times", 1))
    return tuple(stages)


def _pause(declared: str | Mapping[str, Any]) -> PauseRule:
    if isinstance(declared, str):
        return PauseRule(cause_of(declared), "")
    first, last = declared.get("from", ""), declared.get("to", "")
    if bool(first) != bool(last):
        raise ValueError("自动暂停要同时写明起止环节")
    return PauseRule(cause_of(declared["cause"]), declared.get("basis", ""), first, last)


def read_rule(declared: Mapping[str, Any]) -> ClockRule:
    """A declared clock, checked.

    Raises:
        Invalid: something is missing, unknown or badly written (code `clock` or `limit`).
    """
    name = declared.get("name") or declared.get("id") or "?"
    if unknown := sorted(set(declared) - KNOWN):
        raise Invalid(f"时限“{name}”有不认识的内容：{'、'.join(unknown)}。", code="clock")
    for key, word in REQUIRED.items():
        if not declared.get(key):
            raise Invalid(f"时限“{name}”没有写明{word}（{key}）。", code="clock", field=key)
    if not declared.get("starts") or not declared.get("stops"):
        raise Invalid(f"时限“{name}”没有写明由哪个环节起算、到哪个环节截止。", code="clock")
    if unknown := sorted(set(declared.get("stops_when") or ()) - set(declared["stops"])):
        raise Invalid(f"时限“{name}”的截止条件写了不截止的环节：{'、'.join(unknown)}。", code="clock")
    if declared.get("lengthened") and not declared.get("extension"):
        raise Invalid(f"时限“{name}”写明了由哪个环节延长，没有写明可以延长多久（extension）。", code="clock")
    try:
        return ClockRule(
            id=declared["id"],
            name=declared["name"],
            limit=parse_limit(declared["limit"]),
            basis=declared["basis"],
            side=Side(declared.get("side", Side.AUTHORITY)),
            starts=frozenset(declared["starts"]),
            stops=frozenset(declared["stops"]),
            starts_when=declared.get("starts_when"),
            stops_when=dict(declared.get("stops_when") or {}),
            stages=_stages(declared.get("extension")),
            pauses=tuple(_pause(one) for one in declared.get("suspensions", ())),
            warn=parse_limit(declared["warn"]) if declared.get("warn") else None,
            dates=dict(declared.get("dates", {})),
            lengthened=dict(declared.get("lengthened") or {}),
        )
    except (KeyError, TypeError, ValueError) as wrong:
        raise Invalid(f"时限“{name}”的内容写法不对：{wrong}。", code="clock") from wrong


def stages_of(stored: Mapping[str, Any]) -> tuple[ExtensionStage, ...]:
    """The extension stages a running clock keeps."""
    return _stages(stored.get("stages"))


def happened_at(rule: ClockRule, step: str, data: Mapping[str, Any], at: datetime) -> datetime:
    """When a step really happened: the day its form names, else the moment it was entered.

    A day in the future is not believed: a clock never starts before its event.
    """
    value = data.get(rule.dates.get(step, ""))
    if not isinstance(value, str):
        return at
    try:
        if len(value) == len("2026-06-18"):
            day = date.fromisoformat(value)
            return at if day >= legal_day(at) else datetime.combine(day, time(12), CHINA)
        moment = datetime.fromisoformat(value)
    except ValueError:
        return at
    return min(at, moment if moment.tzinfo else moment.replace(tzinfo=CHINA))
