"""What is looked at before a step may be handed in, in words: read from the rule set of its procedure. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.cases.service import matches
from app.deadlines import service as deadlines
from app.diagrams import service as diagrams
from app.diagrams.rules import Rules

Named = Callable[[str], str]
"""A code or a tag to the name people know."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at: in which cases (empty: in all), what must be so, why, and what is said otherwise."""

    when: str
    asks: str
    article: str
    message: str


@dataclass(frozen=True, slots=True)
class Words:
    """What steps, documents and certificates are called, and the labels of a form's fields."""

    step: Named
    document: Named
    certificate: Named
    field: Named


def of_step(
    rules: Rules, step: str, writes: frozenset[str], officers: int, words: Words
) -> tuple[Check, ...]:
    """Everything that is looked at when this step is handed in; `writes` are the attributes its form sets."""
    reading = _Reading(rules, step, writes, words)
    parts = (
        reading.persons(officers),
        reading.order(),
        reading.proofs(),
        reading.time(),
        reading.papers(),
        reading.content(),
    )
    found = [check for part in parts for check in part]
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Reading:
    rules: Rules
    step: str
    writes: frozenset[str]
    words: Words

    def when(self, tree: Any) -> str:
        if not tree:
            return ""
        labels, attributes = self.rules.labels, self.rules.attributes

        def option(field: str, value: Any) -> str:
            if isinstance(value, bool):
                return "是" if value else "否"
            if isinstance(value, Mapping) and "param" in value:
                return f"{self.rules.params.get(value['param'], value['param'])}"
            known = attributes.get(field)
            return f"“{self.words.field(f'{field}={value}')}”" if known and known.options else f"{value}"

        return diagrams.condition_words(tree, lambda key: f"“{labels.get(key, key)}”", option)

    def here(self, patterns: tuple[str, ...]) -> bool:
        return bool(patterns) and matches(self.step, patterns)

    def named(self, steps: tuple[str, ...]) -> str:
        return "".join(dict.fromkeys(f"“{self.words.step(step)}”" for step in steps))

    def persons(self, officers: int) -> Iterator[Check]:
        certificate = self.rules.certificates.get(self.step) or (
            self.rules.certificate if officers > 1 else ""
        )
        held = f"持有效{self.words.certificate(certificate)}的" if certificate else ""
        if officers > 1:
            asks = f"由不少于 {officers} 名{held}人员办理：一人提交，其余人员确认"
            yield Check("", asks, "", f"须由不少于 {officers} 名{held}人员办理。")
        elif certificate:
            yield Check(
                "", f"由{held}人员办理", "", f"没有有效的{self.words.certificate(certificate)}，不能办理。"
            )
        for group in self.rules.separation:
            if not self.here(group.steps):
                continue
            barred = [
                other
                for other in self.rules.separation
                if other.name != group.name and (other.name in group.excludes or group.name in other.excludes)
            ]
            if barred:
                names = "".join(f"“{other.name}”" for other in barred)
                asks = f"办理人员没有参加过本案的{names}环节"
                said = f"参加过本案{names}的人员，不能再办理“{group.name}”。"
                yield Check("", asks, group.article, said)
        for named in self.rules.named:
            if named.step == self.step:
                asks = f"“{self.words.field(named.field)}”所填人员没有参加过与“{named.group}”相互排斥的环节"
                yield Check("", asks, named.article, named.message)

    def order(self) -> Iterator[Check]:
        for need in self.rules.needs:
            if not self.here(need.before):
                continue
            parts = [f"已经办理{self.named(need.steps)}"] if need.steps else []
            if need.attributes:
                labels = "".join(f"“{self.rules.labels.get(n, n)}”" for n in need.attributes)
                parts.append(f"{labels}为是")
            yield Check(self.when(need.when), "，且".join(parts), need.article, need.message)
        for cap in self.rules.rounds:
            if cap.step == self.step:
                yield Check("", f"本环节在一案中最多办理 {cap.most} 次", cap.article, cap.message)

    def proofs(self) -> Iterator[Check]:
        for proof in (*self.rules.reviews, *self.rules.hearings):
            if not self.here(proof.before):
                continue
            asks = f"有有效的“{self.words.step(proof.step)}”记录"
            if proof.passed:
                asks += f"，“{self.rules.labels.get(proof.passed, proof.passed)}”为是"
            if proof.certificate:
                asks += f"，由持{self.words.certificate(proof.certificate)}的人员作出"
            if proof.over:
                asks += f"，其后没有再办理{self.named(proof.over)}"
            yield Check(self.when(proof.when), asks, proof.article, proof.message)

    def time(self) -> Iterator[Check]:
        for period in self.rules.periods:
            if self.here(period.before):
                limit = deadlines.parse_limit(period.limit).words
                asks = f"“{self.words.step(period.after)}”之后已满{limit}"
                if period.ended_by:
                    labels = "".join(f"“{self.rules.labels.get(n, n)}”" for n in period.ended_by)
                    asks += f"，或者{labels}为是"
                yield Check(self.when(period.when), asks, period.article, period.message)
        for bound in self.rules.in_time:
            if bound.step == self.step:
                limit = deadlines.parse_limit(bound.limit).words
                asks = f"发生在“{self.words.step(bound.after)}”之后{limit}之内"
                yield Check("", asks, bound.article, bound.message)
        names = {clock["id"]: clock["name"] for clock in self.rules.clocks}
        for bar in self.rules.clock_bars:
            if not self.here(bar.before):
                continue
            name = f"“{names.get(bar.clock, bar.clock)}”"
            if bar.paused == "refuse":
                said = f"{name}正在暂停计时，请先恢复计时。"
                yield Check(self.when(bar.when), f"{name}没有暂停计时", bar.article, said)
            if bar.expired == "refuse":
                said = f"{name}已经届满。{bar.message}"
                yield Check(self.when(bar.when), f"{name}没有届满", bar.article, said)

    def papers(self) -> Iterator[Check]:
        for paper in self.rules.documents_before:
            if self.here(paper.before):
                names = "".join(f"《{self.words.document(code)}》" for code in paper.codes)
                asks = f"已经制发{names}"
                if paper.since:
                    asks += f"，且在最近一次“{self.words.step(paper.since)}”之后"
                yield Check(self.when(paper.when), asks, paper.article, paper.message)

    def content(self) -> Iterator[Check]:
        for limit in self.rules.no_increase:
            if limit.step == self.step:
                labels = "".join(f"“{self.rules.labels.get(n, n)}”" for n in limit.attributes)
                asks = f"{labels}不高于“{self.words.step(limit.than)}”时告知的数额"
                yield Check(self.when(limit.when), asks, limit.article, limit.message)
        for band in self.rules.bands:
            if self.here(band.steps):
                asks = f"{band.name}在法定幅度之内；不按裁量基准的，写明理由"
                yield Check(self.when(band.when), asks, band.article, band.message)
        for abnormal in self.rules.abnormal:
            here = self.here(abnormal.steps) if abnormal.steps else True
            if here and abnormal.attribute in self.writes:
                label = self.rules.labels.get(abnormal.attribute, abnormal.attribute)
                value = self.when({"field": abnormal.attribute, "op": "eq", "value": abnormal.value})
                when = value or f"“{label}”"
                yield Check(when, "写明理由", abnormal.article, abnormal.message)
