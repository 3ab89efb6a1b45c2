"""What the public reads of a power item: the eleven fields, what is told in advance, the words of the law, the discretion
tiers, the external procedure step by step, and what papers may come. Values only, for pages and programs alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.catalogue import service as catalogue
from app.catalogue.models import ItemVersion
from app.deadlines import service as deadlines
from app.diagrams import service as diagrams
from app.documents import service as documents
from app.items import service as items
from app.kernel import clock
from app.kernel.errors import NotFound
from app.people import service as people

from . import item_list
from .item_list import Entry

DOCUMENT = "{urn:xingquan:bpmn:1}document"
WORDS_OF = {"statutory_unit": "statutory"}
"""Fields that are told by another element: the limit with its unit."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is made public."""

    key: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A place of the law that the item rests on; `words` are empty where its text was not taken in."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Tier:
    """A discretion tier: name, circumstances, amounts and what else follows, in words."""

    name: str
    when: str
    amount: str
    others: str


@dataclass(frozen=True, slots=True)
class Discretion:
    """The discretion baseline: where it comes from, its tiers; `note` says why there are none."""

    source: str
    tiers: Sequence[Tier]
    note: str
    law: Sequence[Field] = ()
    """What the law itself says of it: kinds of penalty, ranges of the fine."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the external procedure."""

    node: str
    name: str
    limit: str
    basis: str


@dataclass(frozen=True, slots=True)
class Told:
    """All that the public reads of a version. `until` is the last day on which it counted, None where it counts."""

    entry: Entry
    version: ItemVersion
    until: date | None
    agency: people.AgencyCard
    fields: Sequence[Field]
    advance: Sequence[Field]
    guide: Sequence[Field]
    basis: Sequence[Cited]
    discretion: Discretion
    procedure: str
    procedure_version: int
    steps: Sequence[Step]
    papers: Sequence[str]
    officers: Sequence[tuple[str, str]]
    examined: str


CALLED = {"subject": "实施主体", "procedure": "外部流程"}
"""What the public calls a field that the drawing-up names otherwise."""
LAW = ("kinds", "fines")
GUIDE = ("office", "place", "hours", "phone", "statutory", "promised", "fee")


def told(session: Session, shown: Entry, number: int | None = None) -> Told:
    """The version that counts today, or (`number`) one that was public before.

    Raises:
        NotFound: there is no such version, or the public never saw it.
    """
    version, until = _version(session, shown, number)
    elements = items.elements_of(session, version)
    wording = items.wording(session)
    agency = people.agency(session, shown.agency_id)
    procedure = diagrams.current(session, version.procedure)
    officers = [
        (card.name, card.certificate())
        for card in people.officers_at(session, shown.agency_id)
        if card.certificate()
    ]
    extra = {
        "subject": f"{agency.name}（{wording.told(elements, 'subject')}）",
        "procedure": procedure.name,
        "officers": f"持有效行政执法证件的人员 {len(officers)} 名",
    }
    if organs := wording.told(elements, "organs"):
        extra["subject"] += f"；{organs}"

    def field(key: str, label: str = "") -> Field:
        source = WORDS_OF.get(key, key)
        named = label or catalogue.item_rules.label_of(key)
        return Field(key, named, extra.get(key) or wording.told(elements, source))

    asked = catalogue.item_rules.asked()
    return Told(
        entry=shown,
        version=version,
        until=until,
        agency=agency,
        fields=[field(key, CALLED.get(key, "")) for key in asked["made_public"]],
        advance=[field(each["key"], each["label"]) for each in asked["told_in_advance"]["fields"]],
        guide=[one for key in GUIDE if (one := field(key, wording.labels[key])).value],
        basis=_basis(session, version, until),
        discretion=replace(
            _discretion(session, version, elements, until),
            law=[one for key in LAW if (one := field(key, wording.labels[key])).value],
        ),
        procedure=procedure.name,
        procedure_version=procedure.number,
        steps=_steps(procedure.external),
        papers=_papers(procedure),
        officers=officers,
        examined=_examined(version),
    )


def _version(session: Session, shown: Entry, number: int | None) -> tuple[ItemVersion, date | None]:
    if number is None or number == shown.number:
        return session.get_one(ItemVersion, shown.version_id), None
    for version, next_day in item_list.former(session, shown):
        if version.number == number:
            return version, next_day - timedelta(days=1) if next_day else None
    raise NotFound(item_list.MISSING)


def _examined(version: ItemVersion) -> str:
    if version.case_id is not None:
        return f"经本机关初审、集体研究和合法性审核同意后公布（{version.case_no}）"
    return f"上网运行以前经本机关初审和合法性审核（{version.approval}）"


def _basis(session: Session, version: ItemVersion, until: date | None) -> list[Cited]:
    """The places that are cited, with their words as of the day; what cites no article is told as it stands."""
    said = [str(text) for text in version.basis]
    read = catalogue.resolve_citations(session, "；".join(said), until or clock.today())
    if not read:
        return [Cited(text, "") for text in said]
    return [Cited(each.name, each.words) for each in read]


def _discretion(
    session: Session, version: ItemVersion, elements: Mapping[str, Any], until: date | None
) -> Discretion:
    baseline = catalogue.own_baseline(version)
    source = "随本事项一并审核公布"
    if baseline is None and (key := version.content.get("baseline")):
        day = until or clock.today()
        row = catalogue.baseline_in_force(session, version.agency_id, str(key), day)
        if row is not None:
            baseline, source = row.content, f"{row.key}{f'（{row.version}）' if row.version else ''}"
    if baseline is not None:
        read = catalogue.discretion.read(baseline)
        law = read.statutory
        tiers = [
            Tier(
                tier.name,
                tier.told if tier.told != tier.written else catalogue.discretion.words(tier.written),
                catalogue.discretion.amounts(tier, law),
                "、".join(tier.others),
            )
            for tier in read.tiers
        ]
        return Discretion(source, tiers, "")
    tiers = [
        Tier(str(t.get("name", "")), str(t.get("when", "")), _range(t), "")
        for t in version.content.get("tiers") or ()
    ]
    return Discretion("按事项公布的档次" if tiers else "", tiers, str(elements.get("discretion_note") or ""))


def _range(tier: Mapping[str, Any]) -> str:
    low, high = tier.get("low"), tier.get("high")
    return f"{low:,} 元以上 {high:,} 元以下" if isinstance(low, int) and isinstance(high, int) else ""


@lru_cache(maxsize=64)
def _steps(external: bytes) -> tuple[Step, ...]:
    return tuple(
        Step(node, name, deadlines.parse_limit(limit).words if limit else "", basis)
        for node, name, _, basis, limit in cases.external_nodes(external)
    )


def _papers(procedure: diagrams.Procedure) -> list[str]:
    """What papers under the agency's seal the procedure may issue, in its order, each once."""
    kinds = [documents.kind(code, procedure.templates) for code in _codes(procedure.whole)]
    return list(dict.fromkeys(kind.name for kind in kinds if kind.served))


@lru_cache(maxsize=64)
def _codes(whole: bytes) -> tuple[str, ...]:
    nodes = diagrams.safe_xml(whole).iter(DOCUMENT)
    return tuple(dict.fromkeys(code for node in nodes if (code := node.get("code"))))
