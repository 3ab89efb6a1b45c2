"""Facts of an act for tests of gates: a small rule set with every kind of declared gate, and an act that keeps all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.cases.gates import ActFacts, ClockFact, Exhibit, Exhibits, Handed, Signer, first_refusal
from app.cases.stepping import evaluate
from app.diagrams.rules import parse

DAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
LAW = {"article": "第一条", "message": "请先办好前一环节。"}
MAJOR = {"field": "major", "op": "eq", "value": True}

RULES = parse(
    {
        "key": "test",
        "name": "测试程序",
        "kind": "penalty",
        "attributes": {
            "major": {"type": "boolean", "default": False},
            "fine": {"type": "number", "default": 0},
            "passed_ok": {"type": "boolean", "default": False},
            "waived": {"type": "boolean", "default": False},
            "asked": {"type": "boolean", "default": False},
        },
        "params": {"least": {"value": 100}, "most": {"value": 500}, "night": {"value": 22}, "dawn": {"value": 6}},
        "separation": [
            {"name": "调查", "steps": ["invest"], "excludes": ["审核", "听证"]},
            {"name": "审核", "steps": ["review"], "excludes": ["调查"]},
            {"name": "听证", "steps": ["hear.notice", "hear"], "excludes": ["调查"]},
        ],
        "reviews": [
            {"name": "审核", "step": "review", "passed": "passed_ok", "before": ["decide"], "when": MAJOR,
             "certificate": "legal", "over": ["invest"], **LAW},
        ],
        "hearings": [
            {"name": "听证", "step": "hear", "before": ["decide"],
             "when": {"field": "asked", "op": "eq", "value": True}, **LAW},
        ],
        "periods": [{"after": "notice", "limit": "5wd", "before": ["decide"], "ended_by": ["waived"], **LAW}],
        "in_time": [{"step": "letter", "after": "notice", "limit": "5wd", **LAW}],
        "named": [{"step": "hear.notice", "answer": "host", "group": "听证", **LAW}],
        "bands": [
            {"name": "罚款", "steps": ["decide"], "amount": "fine", "item_range": "fine", "minimum": "least",
             "maximum": "most", "item_tiers": "tiers", "tier": "report.tier", "reason": "why",
             "lenient": "减轻", "kinds": "kinds", "item_kinds": "kinds", "general_kinds": ["没收"], **LAW},
        ],
        "documents_before": [{"before": ["serve"], "codes": ["JD-01"], "since": "decide", **LAW}],
        "clock_bars": [
            {"before": ["decide"], "clock": "ninety", "paused": "refuse", "expired": "mark", **LAW},
            {"before": ["appeal"], "clock": "window", "expired": "refuse", **LAW},
        ],
        "evidence_lists": [{"before": ["end"], "answer": "report.evidence", "files": ["invest.evidence"], **LAW}],
        "applied_law": [{"steps": ["propose"], "acted": ["report.day"], "choice": "report.law", "reason": "report.law_why",
                         **LAW}],
        "rounds": [{"step": "invest", "most": 2, **LAW}],
        "reckoned": [
            {"step": "window", "answer": "ended", "start": "report.served", "term": "60d", **LAW},
            {"step": "window", "answer": "ended", "start": "report.served", "term": "6m", **LAW},
            {"step": "window", "answer": "ended", "start": "report.never", "term": "1y", **LAW},
            {"step": "wait", "start": "report.until", **LAW},
        ],
        "quiet": [{"steps": ["raid"], "first": "from", "last": "to", "night_from": "night", "night_until": "dawn",
                   "unless": ["asked"], **LAW}],
        "pending": [{"before": ["court"], **LAW}],
        "settled": [{"steps": ["pay"], "attribute": "waived", **LAW}],
        "stated": [{"step": "urge", "answer": "extra", "value": "surcharge", "day": "as_of", **LAW}],
    }
)  # fmt: skip


def officer(number: int, *certificates: str) -> Signer:
    """An officer with certificates, who holds the position of the acts here."""
    return Signer(number, f"演示{number}", frozenset({"head"}), frozenset(certificates))


REVIEW = Handed(7, (officer(5, "legal"),), {"passed_ok": True})


def act(step: str = "decide", attributes: dict[str, Any] | None = None, **changes: Any) -> ActFacts:
    """An act at a step that keeps every gate, with changes."""
    after = {**RULES.initial(), **(attributes or {})}
    facts = ActFacts(
        rules=RULES,
        node=step,
        name="环节",
        step=step,
        position="head",
        officers=0,
        certificate="enforcement",
        signers=(officer(9),),
        before=after,
        after=after,
        passed={"notice": DAY},
        took_part={"invest": {1, 2}},
        case_open=True,
        ends={("notice", "5wd"): DAY + timedelta(days=7)},
        at=DAY + timedelta(days=8),
    )
    return replace(facts, **changes)


def reviewed(**changes: Any) -> ActFacts:
    """A major decision after an approving review."""
    parts = {
        "attributes": {"major": True, "passed_ok": True},
        "passed": {"notice": DAY, "review": DAY + timedelta(days=7)},
        "handed": {"invest": Handed(3, (), {}), "review": REVIEW},
    }
    return act(**parts | changes)


PHOTO, FILM = "a" * 64, "b" * 64


def listed(*digests: str) -> dict[str, Any]:
    """An evidence list with an entry for each file; an empty digest is an entry without one."""
    return {
        "evidence": [
            {"name": f"证据{n}", "file": {"name": f"{n}.jpg", "digest": digest} if digest else None}
            for n, digest in enumerate(digests, 1)
        ]
    }


def ending(*digests: str, broken: str = "") -> ActFacts:
    """The end of the investigation of a case with two files of evidence, listing these."""
    files = (Exhibit("照片.jpg", PHOTO, "调查取证"), Exhibit("录像.mp4", FILM, "证据登记"))
    found = Exhibits(files, frozenset({broken} if broken else ()))
    return act("end", data=listed(*digests), exhibits={"report.evidence": found})


def refused(facts: ActFacts) -> str | None:
    """The code of the gate that stands in the way."""
    found = first_refusal(facts, evaluate)
    assert found is None or (found.article and found.message)
    return found.gate if found else None


__all__ = [
    "DAY",
    "FILM",
    "LAW",
    "MAJOR",
    "PHOTO",
    "REVIEW",
    "RULES",
    "ClockFact",
    "Handed",
    "act",
    "ending",
    "officer",
    "refused",
    "reviewed",
]
