"""The forms on which orders are drawn up, one of each kind: what may be entered, what is kept, what it begins with."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.forms import service as forms
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Invalid
from app.people import service as people

from . import finding, roster
from .models import ChangeOrder, Kind
from .room import DATA

proposing = catalogue.proposing
rostering = people.rostering
SAID = ("reason", "source", "excerpt")
"""What every order says besides what it changes."""


@dataclass(frozen=True, slots=True)
class Read:
    """What is kept of the answers: what changes, and the day."""

    content: Mapping[str, Any]
    effective_on: date


class Sheet(Protocol):
    """The form of one kind of orders."""

    @property
    def kind(self) -> Kind: ...

    @property
    def title(self) -> str:
        """What its page is called."""
        ...

    @property
    def hint(self) -> str:
        """What the page says first."""
        ...

    def form(self, session: Session, actor: Actor, order: ChangeOrder | None) -> forms.Form:
        """The form with what may be chosen."""
        ...

    def context(self, session: Session, actor: Actor) -> forms.FormContext:
        """What the form must know."""
        ...

    def read(
        self, session: Session, actor: Actor, order: ChangeOrder | None, data: Mapping[str, Any]
    ) -> Read:
        """What is kept of checked answers.

        Raises:
            Invalid: it cannot be carried out; by field.
        """
        ...

    def answers(self, order: ChangeOrder) -> dict[str, Any]:
        """What the form of an order begins with."""
        ...


@lru_cache(maxsize=2)
def definition(name: str) -> dict[str, Any]:
    """`data/law.json`, `data/roster.json`."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def _said(order: ChangeOrder) -> dict[str, Any]:
    day = order.effective_on.isoformat() if order.effective_on else ""
    return {name: getattr(order, name) for name in SAID} | {"effective_on": day}


class LawSheet:
    """A change of the legal basis."""

    kind = Kind.LAW
    title = "提出依据变更"
    hint = "保存后先看影响范围，再报送司法行政机关审核；确认以前，现有数据不变。"

    def form(self, session: Session, actor: Actor, order: ChangeOrder | None) -> forms.Form:
        return forms.load(definition("law"))

    def context(self, session: Session, actor: Actor) -> forms.FormContext:
        return forms.FormContext((), None, clock.today())

    def read(
        self, session: Session, actor: Actor, order: ChangeOrder | None, data: Mapping[str, Any]
    ) -> Read:
        articles, wrong = proposing.articles_in(str(data["articles"] or ""))
        errors: dict[str, list[str]] = {}
        if wrong:
            errors["articles"] = [
                f"“{'、'.join(wrong)[:60]}”不是条号，应写作“第五十四条”或者“54”，用顿号分开。"
            ]
        content = {
            "change": data["change"],
            "law": proposing.named(str(data["law"])),
            "by": proposing.named(str(data["by"] or "")),
            "level": str(data["level"] or ""),
            "replaces": list(proposing.names_in(str(data["replaces"] or ""))),
            "articles": list(articles),
            "basis": str(data["basis"] or "").strip(),
            "adopted_on": data["adopted_on"],
        }
        day = date.fromisoformat(str(data["effective_on"]))
        proposed = proposing.from_json(content, day, str(data["source"] or ""))
        errors |= {k: v for k, v in proposing.problems(session, proposed).items() if k not in errors}
        _raise(errors)
        return Read(content, day)

    def answers(self, order: ChangeOrder) -> dict[str, Any]:
        content = order.content
        return {
            **content,
            "articles": "、".join(catalogue.article_name(each) for each in content.get("articles") or ()),
            "replaces": "、".join(f"《{law}》" for law in content.get("replaces") or ()),
            **_said(order),
        }


class RosterSheet:
    """A change of the roster: what the order has already may be kept or left out, and what one person is to get is
    added."""

    kind = Kind.ROSTER
    title = "提出人员名录变更"
    hint = "一张变更单可以写几名人员：保存后再按“修改”加入下一名。确认并到生效日以前，岗位和证件不生效。"

    def form(self, session: Session, actor: Actor, order: ChangeOrder | None) -> forms.Form:
        choices = {
            "keep": self._kept(session, order),
            "positions": people.position_names(session),
            "paper": {str(kind): name for kind, name in people.CERTIFICATE_NAMES.items()},
            "restore": self._withheld(session, actor),
        }
        content = dict(definition("roster"))
        content["items"] = [
            _offered(item, choices) for item in content["items"] if choices.get(item.get("key"), True)
        ]
        if not choices["keep"]:
            content["items"] = content["items"][1:]
        return forms.load(content)

    def _kept(self, session: Session, order: ChangeOrder | None) -> dict[str, str]:
        entries = roster.entries_of(order) if order else []
        told = ((n, f"{e.name}：{rostering.said(session, e)}") for n, e in enumerate(entries))
        return {str(n): text[:200] for n, text in told}

    def _withheld(self, session: Session, actor: Actor) -> dict[str, str]:
        found = {}
        today = clock.today()
        for card in people.officers_at(session, actor.agency_id):
            for paper in people.certificates_of(session, card.id):
                if paper.suspended(today) and not paper.revoked_on:
                    found[str(paper.id)] = f"{card.name}：{paper.name}（{paper.number}）"[:200]
        return found

    def context(self, session: Session, actor: Actor) -> forms.FormContext:
        cards = people.officers_at(session, actor.agency_id)
        officers = [forms.OfficerOption(card.id, card.name) for card in cards if card.id != actor.officer_id]
        return forms.FormContext(officers, None, clock.today())

    def read(
        self, session: Session, actor: Actor, order: ChangeOrder | None, data: Mapping[str, Any]
    ) -> Read:
        known = roster.entries_of(order) if order else []
        entries = [known[int(n)] for n in data.get("keep") or () if int(n) < len(known)]
        errors: dict[str, list[str]] = {}
        added = [*self._added(data, errors), *self._restored(session, actor, data)]
        entries += [entry for entry in added if entry not in entries]
        if not entries and not errors:
            errors["officer"] = ["请选择人员，并写明增加的岗位或者登记的证件。"]
        if not errors and (found := rostering.problems(session, actor.agency_id, entries)):
            errors["officer"] = found
        if not errors:
            self._elsewhere(session, order, added, errors)
        _raise(errors)
        by = order.content.get("by") if order else None
        return Read(roster.content_of(entries, by), date.fromisoformat(str(data["effective_on"])))

    def _added(self, data: Mapping[str, Any], errors: dict[str, list[str]]) -> Sequence[rostering.Entry]:
        person, positions, kind = data["officer"], data["positions"] or (), data["paper"]
        if not person:
            if positions or kind:
                errors["officer"] = ["请选择人员。"]
            return ()
        if not positions and not kind:
            errors["positions"] = ["请选择增加的岗位，或者写明登记的证件。"]
            return ()
        found = [rostering.posting(person["id"], person["name"], key) for key in positions]
        if kind:
            first = date.fromisoformat(str(data["valid_from"]))
            last = date.fromisoformat(str(data["valid_to"])) if data["valid_to"] else None
            if last and last < first:
                errors["valid_to"] = ["有效期的最后一天不能早于第一天。"]
                return ()
            paper = rostering.NewCertificate(people.CertificateKind(kind), str(data["number"]), first, last)
            found.append(rostering.certificate(person["id"], person["name"], paper))
        return found

    def _restored(self, session: Session, actor: Actor, data: Mapping[str, Any]) -> Sequence[rostering.Entry]:
        chosen = {int(each) for each in data.get("restore") or ()}
        return [
            rostering.restored(card.id, card.name, paper)
            for card in people.officers_at(session, actor.agency_id)
            for paper in (people.certificates_of(session, card.id) if chosen else ())
            if paper.id in chosen
        ]

    def _elsewhere(
        self,
        session: Session,
        order: ChangeOrder | None,
        added: Sequence[rostering.Entry],
        errors: dict[str, list[str]],
    ) -> None:
        """What another open order says already, or a number that it gives to somebody else."""
        own = finding.number(order) if order else ""
        for each in rostering.pending(session, {entry.officer_id for entry in added}):
            if each.entry in added and each.order != own:
                errors["officer"] = [f"{each.order}（{each.state}）已经提出同样的变更。"]
        for entry in added:
            if entry.number and (
                message := rostering.taken(session, entry.kind, entry.number, entry.officer_id)
            ):
                errors["number"] = [message]

    def answers(self, order: ChangeOrder) -> dict[str, Any]:
        return {"keep": [str(n) for n in range(len(roster.entries_of(order)))], **_said(order)}


def _offered(item: Mapping[str, Any], choices: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    if item.get("key") not in choices:
        return dict(item)
    offered = choices[item["key"]]
    return {**item, "options": [{"value": key, "label": label} for key, label in offered.items()]}


def _raise(errors: dict[str, list[str]]) -> None:
    if errors:
        raise Invalid(f"有 {len(errors)} 处需要修改。", errors=errors)


SHEETS: Mapping[str, Sheet] = {"laws": LawSheet(), "roster": RosterSheet()}
