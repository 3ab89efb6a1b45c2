"""Conditions and tiers in the words of those who draw them up: `面积（平方米） ≥ 10` is `area_m2 >= 10`."""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from .amounts import number
from .model import VOCABULARY, Baseline, Statutory, Tier

_WORDS: Mapping[str, str] = {
    "并且": "and", "而且": "and", "且": "and", "或者": "or", "或": "or", "并非": "not", "不符合": "not", "非": "not",
    "不低于": ">=", "不高于": "<=", "高于": ">", "低于": "<", "大于": ">", "小于": "<", "不等于": "!=", "等于": "==",
    "≥": ">=", "≤": "<=", "＞": ">", "＜": "<", "≠": "!=", "＝": "==", "（": "(", "）": ")",
}  # fmt: skip
_SIGNS: Mapping[str, str] = {
    "and": "且", "or": "或", "not": "非", ">=": "≥", "<=": "≤", ">": "＞", "<": "＜", "!=": "≠", "==": "＝",
}  # fmt: skip
_PLAIN = re.compile(r"""\d+(?:\.\d+)?|[A-Za-z_]\w*|[<>=!]=|[<>()=]|"[^"]*"|'[^']*'|“[^”]*”""", re.ASCII)
_SHOWN = 12


@cache
def _labels() -> Mapping[str, str]:
    """Labels of the facts, the longest first: several begin alike."""
    found = {str(fact["label"]): name for name, fact in VOCABULARY["facts"].items()}
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def expression(written: str) -> str:
    """The condition that is written in words, signs or both.

    Raises:
        ValueError: it cannot be read from some place on; the message is the text from there.
    """
    parts, at = [], 0
    text = written.strip()
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        known = next((one for one in (*_labels(), *_WORDS) if text.startswith(one, at)), None)
        if known is not None:
            parts.append(_labels().get(known) or _WORDS[known])
            at += len(known)
            continue
        found = _PLAIN.match(text, at)
        if not found:
            raise ValueError(text[at : at + _SHOWN])
        said = found[0]
        parts.append("==" if said == "=" else f'"{said[1:-1]}"' if said[0] == "“" else said)
        at = found.end()
    return " ".join(parts)


def words(condition: str) -> str:
    """The condition in words, which `expression` reads back; what is no plain condition stays as it is."""
    parts, at = [], 0
    text = condition.strip()
    while at < len(text):
        found = _PLAIN.match(text, at)
        if found:
            fact = VOCABULARY["facts"].get(found[0])
            parts.append(str(fact["label"]) if fact else _SIGNS.get(found[0], found[0]))
            at = found.end()
        elif text[at].isspace():
            at += 1
        else:
            return condition
    return " ".join(parts)


def amounts(tier: Tier, law: Statutory) -> str:
    """A tier's amounts in words."""
    if law.kind == "none":
        return ""
    low, high = str(tier.low), str(tier.high)
    if low == high:
        return f"{low} {law.unit}" + (f"（{tier.fixed_by_law}）" if tier.fixed_by_law else "")
    ends = [
        word for word, held in (("不含下限", tier.low_included), ("不含上限", tier.high_included)) if not held
    ]
    return f"{low} 至 {high} {law.unit}" + (f"（{'、'.join(ends)}）" if ends else "")


def tier_told(tier: Tier, law: Statutory) -> str:
    """A tier in one line."""
    case = tier.told if tier.told != tier.written else words(tier.written)
    parts = [case, amounts(tier, law), "、".join(tier.others), tier.basis]
    return "；".join(part for part in parts if part)


def law_told(law: Statutory) -> str:
    """The law's range in one line."""
    if law.kind == "none" or law.most is None:
        return {"none": "无罚款", "formula": "按法定幅度计算"}.get(law.kind, "")
    base = f"{law.base}的 " if law.base else ""
    return f"{base}{number(law.least or law.most * 0)} 至 {number(law.most)} {law.unit}"


@dataclass(frozen=True, slots=True)
class Difference:
    """A part that two versions of a baseline say differently; empty: nothing."""

    label: str
    before: str
    after: str


def differences(before: Baseline | None, after: Baseline | None) -> list[Difference]:
    """Where two versions of a baseline differ, tier by tier as they stand in order."""
    old, new = (dict(_parts(one)) if one else {} for one in (before, after))
    labels = dict.fromkeys([*old, *new])
    found = [Difference(label, old.get(label, ""), new.get(label, "")) for label in labels]
    return [one for one in found if one.before != one.after]


def _parts(baseline: Baseline) -> Iterator[tuple[str, str]]:
    yield "违法行为", baseline.violation
    yield "依据条款", "；".join(baseline.law_refs)
    yield "法定幅度", law_told(baseline.statutory)
    yield "裁量因素", "；".join(baseline.factors)
    counts: dict[str, Iterator[int]] = {}
    for tier in baseline.tiers:
        place = next(counts.setdefault(tier.name, itertools.count(1)))
        yield f"“{tier.name}”档" + (f"（{place}）" if place > 1 else ""), tier_told(tier, baseline.statutory)


def lines(baseline: Baseline) -> list[tuple[str, str]]:
    """A baseline in words, part by part."""
    return [(label, told) for label, told in _parts(baseline) if told]
