"""Gates about content: what was decided, on which papers, and for which reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.diagrams.rules import Band

from . import tiers
from .base import ActFacts, Evaluate, Exhibits, Gate, Refusal, applies, matches
from .tiers import yuan


class NotHeavierThanNoticed(Gate):
    """A decision is not heavier than what the party was told (行政处罚法第四十五条第二款)."""

    code = "no_increase"
    article = "《中华人民共和国行政处罚法》第四十五条第二款"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for limit in act.rules.no_increase:
            if not applies(act, evaluate, (limit.step,), limit.when):
                continue
            told = act.held.get(limit.than, {})
            if any(act.after[name] > told.get(name, 0) for name in limit.attributes):
                return self.refuse(limit.message, limit.article)
        return None


class DocumentsPresent(Gate):
    """A step rests on the papers the law puts before it, issued in this round and not void."""

    code = "document"
    article = "行政执法文书先于其环节制作（S2-23）"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for paper in act.rules.documents_before:
            if not applies(act, evaluate, paper.before, paper.when):
                continue
            since = act.passed.get(paper.since) if paper.since else None
            for code in paper.codes:
                issued = act.documents.get(code)
                if issued is None or (since is not None and issued < since):
                    return self.refuse(paper.message, paper.article)
        return None


class WithinBand(Gate):
    """A penalty is one the law provides, within its range; another than the tier's amount says why."""

    code = "discretion"
    article = "《中华人民共和国行政处罚法》第三十四条"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for band in act.rules.bands:
            if not applies(act, evaluate, band.steps, band.when):
                continue
            if foreign := _foreign_kinds(act, band):
                kinds = "、".join(foreign)
                return self.refuse(f"本事项的法定处罚种类中没有“{kinds}”，请核对处罚种类。", band.article)
            if message := _off(act, band, evaluate):
                return self.refuse(message, band.article)
        return None


class OldOrLighter(Gate):
    """A penalty follows the law of the day of the act, or today's where it is lighter: where the two differ, the choice is
    explained, unless it is the old law and that beyond doubt (行政处罚法第三十七条)."""

    code = "applied_law"
    article = "《中华人民共和国行政处罚法》第三十七条"
    OLD = "old"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for entry in act.rules.applied_law:
            found = act.laws.get(entry.choice)
            if found is None or not found.differs or not applies(act, evaluate, entry.steps, entry.when):
                continue
            plain = found.old and _answer(act, entry.choice) == self.OLD
            if not plain and not str(_answer(act, entry.reason) or "").strip():
                return self.refuse(
                    f"行为时与现在的规定不同，系统比较的结果是“{found.told}”。{entry.message}", entry.article
                )
        return None


def _foreign_kinds(act: ActFacts, band: Band) -> list[str]:
    allowed = act.item.get(band.item_kinds) if band.item_kinds else None
    if not allowed:
        return []
    chosen = act.data.get(band.kinds) or []
    return [kind for kind in chosen if kind not in allowed and kind not in band.general_kinds]


def _off(act: ActFacts, band: Band, evaluate: Evaluate) -> str:
    """What is wrong with the amount, in Chinese; empty: nothing."""
    found = _departure(act, band, evaluate)
    return "" if found is None or (found.explicable and _reason(act, band)) else found.told


def _reason(act: ActFacts, band: Band) -> str:
    return str(act.data.get(band.reason) or "").strip() if band.reason else ""


@dataclass(frozen=True, slots=True)
class _Departure:
    """An amount off the tier or the law's range: `kind` as in `sums`, empty for what no reason excuses; the tier and its
    amounts in words; what is to be said where no reason is given."""

    kind: str
    told: str
    tier: str = ""
    spans: str = ""

    @property
    def explicable(self) -> bool:
        return bool(self.kind)


def sums(act: ActFacts, evaluate: Evaluate) -> list[dict[str, Any]]:
    """What an act that passed its gates says of the amounts of the bands at its step, as plain values.

    `band`; `decides` (whether the band's last step is this one: there the amount is decided, before it is proposed);
    `kind`: empty where the amount keeps to its tier, else `tier` (off the tier named), `below` (below the law's minimum)
    or `none` (no tier speaks of the case), then with `tier`, `spans`, `amount` in yuan and `reason`; `standard`: by which
    discretion standard of the item the amount is set (`standards.Counted.told`), where it has one.
    """
    found = []
    for band in act.rules.bands:
        if not matches(act.step, band.steps):
            continue
        speaks = applies(act, evaluate, band.steps, band.when)
        off = _departure(act, band, evaluate) if speaks else None
        said: dict[str, Any] = {"band": band.name, "decides": matches(act.step, band.steps[-1:]), "kind": ""}
        if speaks and band.item_tiers and act.standard:
            said["standard"] = dict(act.standard)
        if off and off.explicable:
            said |= {"kind": off.kind, "tier": off.tier, "spans": off.spans, "reason": _reason(act, band)}
            said["amount"] = tiers.number(act.after.get(band.amount))
        found.append(said)
    return found


def _departure(act: ActFacts, band: Band, evaluate: Evaluate) -> _Departure | None:
    amount = tiers.number(act.after.get(band.amount))
    if amount is None or amount <= 0:
        return None
    recommended = tiers.recommended(band, act.after, act.rules.params, evaluate)
    tier = str(_answer(act, band.tier) or (recommended.name if recommended else ""))
    legal = [(tiers.number(r.get("min")), _upper(r)) for r in _ranges(act, band)]
    if legal:
        highest = max((high for _, high in legal if high is not None), default=None)
        if highest is not None and all(high is not None for _, high in legal) and amount > highest:
            told = f"{band.name}{yuan(amount)}元超过法定上限{yuan(highest)}元，不得作出。请重新确定数额。"
            return _Departure("", told)
        if not any((low or 0) <= amount and (high is None or amount <= high) for low, high in legal):
            if not (band.lenient and tier == band.lenient):
                return _Departure("", f"{band.name}{yuan(amount)}元不在法定幅度之内。{band.message}")
            told = f"{band.name}低于法定幅度的，应当写明减轻处罚的依据和理由。"
            return _Departure("below", told, tier)
    listed = _list(act.item.get(band.item_tiers)) if band.item_tiers else []
    named = [each for each in listed if each.get("name") == tier]
    if named and not any(tiers.holds(amount, each, last=each is listed[-1]) for each in named):
        return _off_tier(amount, band, tier, tiers.spans(named))
    if listed and tier and not named:
        return _Departure("none", f"裁量基准没有“{tier}”这一档，应当写明{band.name}数额的理由。", tier)
    return _off_table(amount, band, recommended) if band.tiers else None


def _off_tier(amount: Decimal, band: Band, tier: str, spans: str) -> _Departure:
    told = f"{band.name}{yuan(amount)}元不在裁量基准“{tier}”的幅度（{spans}）之内，应当写明偏离的理由。"
    return _Departure("tier", told, tier, spans)


def _off_table(amount: Decimal, band: Band, tier: tiers.Tier | None) -> _Departure | None:
    """The same against the tier that the band's decision table finds for the case."""
    if tier is None:
        return _Departure("none", f"裁量基准没有与本案情形对应的档次，应当写明{band.name}数额的理由。")
    if tier.low <= amount <= tier.high:
        return None
    return _off_tier(amount, band, tier.name, f"{yuan(tier.low)}元至{yuan(tier.high)}元")


def _ranges(act: ActFacts, band: Band) -> list[Mapping[str, Any]]:
    if band.item_range and (found := _list(act.item.get(band.item_range))):
        return found
    low, high = (act.rules.params.get(name) for name in (band.minimum, band.maximum))
    return [{"min": low, "max": high}] if low is not None or high is not None else []


def _upper(entry: Mapping[str, Any]) -> Decimal | None:
    """The upper bound in yuan; None where it is a multiple of something the platform does not know."""
    return None if entry.get("unit") == "倍" else tiers.number(entry.get("max"))


def _answer(act: ActFacts, path: str) -> Any:
    form, _, name = path.partition(".")
    return (act.data if name in act.data else act.filed.get(form, {})).get(name)


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


class EvidenceAgrees(Gate):
    """The evidence list agrees with the files: each entry has its file, each file of evidence its entry, and every
    stored file is what its digest says (行政处罚法第四十六条: what is not verified proves nothing)."""

    code = "evidence_list"
    article = "《中华人民共和国行政处罚法》第四十六条、第五十四条"
    shown = 5
    """Discrepancies that are named; the rest is counted."""

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for entry in act.rules.evidence_lists:
            found = act.exhibits.get(entry.answer)
            if found is None or not applies(act, evaluate, entry.before, entry.when):
                continue
            if wrong := _discrepancies(act.data.get(entry.answer.partition(".")[2]), found):
                rest = len(wrong) - self.shown
                named = "；".join(wrong[: self.shown]) + (f"；另有 {rest} 处" if rest > 0 else "")
                return self.refuse(f"{entry.message}{named}。请补正后再提交。", entry.article)
        return None


def _discrepancies(listed: Any, found: Exhibits) -> list[str]:
    wrong = []
    held = set()
    for number, row in enumerate(_list(listed), 1):
        file = row.get("file")
        if not file:
            wrong.append(f"清单第 {number} 项“{row.get('name', '')}”没有上传文件")
            continue
        held.add(file["digest"])
        if file["digest"] in found.broken:
            wrong.append(
                f"清单第 {number} 项的文件“{file['name']}”与登记时的校验值（SHA-256）不符或者已经丢失"
            )
    missing = [exhibit for exhibit in found.files if exhibit.digest not in held]
    return wrong + [f"“{e.where}”的文件“{e.name}”没有列入清单，也没有写明不作为证据的理由" for e in missing]


class AbnormalExplained(Gate):
    """A branch off the ordinary course states its reason (S2-19, S2-20)."""

    code = "reason"
    article = "行政执法异常情形须说明理由（S2-19、S2-20）"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for abnormal in act.rules.abnormal:
            here = not abnormal.steps or matches(act.step, abnormal.steps)
            turned = act.after.get(abnormal.attribute) == abnormal.value and abnormal.attribute in act.writes
            given = act.data.get(abnormal.reason) if abnormal.reason else act.reason
            text = given.get("text") if isinstance(given, Mapping) else given
            if here and turned and not str(text or "").strip():
                return self.refuse(abnormal.message, abnormal.article)
        return None
