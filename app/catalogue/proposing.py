"""A change of the legal basis as an agency proposes it (变更单): what is wrong with it, what it changes in words, and what
is recorded once it has been confirmed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import clock, words

from . import changes, citations, citing, library, validity
from .changes import NewChange
from .law_models import LawVersion
from .statutes import Statute
from .validity import ChangeKind, Standing

NEW = "new"
KINDS: Mapping[str, str] = {ChangeKind.AMENDED: "修改", ChangeKind.REPEALED: "废止", NEW: "新制定"}
MOST = 200
"""Articles of one amendment."""
_APART = re.compile(r"[、，,；;\s]+")
_FIGURES = re.compile(r"[1-9][0-9]{0,3}(?:-[1-9][0-9]?)?")


@dataclass(frozen=True, slots=True)
class Proposed:
    """What is to be recorded: of a statute that is amended or repealed, by what; or a new one, with what it `replaces`."""

    change: str
    law: str
    effective_on: date
    adopted_on: date | None = None
    by: str = ""
    level: str = ""
    articles: tuple[str, ...] = ()
    basis: str = ""
    source: str = ""
    replaces: tuple[str, ...] = ()

    @property
    def laws(self) -> tuple[str, ...]:
        """The statutes that stop to be in force as they were."""
        return self.replaces if self.change == NEW else (self.law,)


def named(text: str) -> str:
    """The name of a statute without its marks."""
    return text.strip("《》 \t")


def names_in(text: str) -> tuple[str, ...]:
    """The statutes of a list: 《甲条例》、《乙办法》 or one a line."""
    marked = re.findall(r"《([^《》]+)》", text)
    found = marked or [part for part in re.split(r"[、；;\n]+", text) if part.strip()]
    return tuple(dict.fromkeys(named(part) for part in found if named(part)))


def articles_in(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The articles of a list (第五十四条、36-1), and the parts of it that name none."""
    found, wrong = [], []
    for part in _APART.split(text.strip()):
        if _FIGURES.fullmatch(part):
            found.append(part)
        elif cited := citations.articles_in(part):
            found += cited
        elif part:
            wrong.append(part)
    return tuple(dict.fromkeys(found)), tuple(wrong)


def problems(session: Session, new: Proposed) -> dict[str, list[str]]:
    """Why it cannot be recorded, by field."""
    found: dict[str, list[str]] = {}
    if new.adopted_on and new.adopted_on > clock.today():
        found["adopted_on"] = ["公布（通过）日期不能晚于今天：还没有公布的，公布以后再提出。"]
    elif new.adopted_on and new.effective_on < new.adopted_on:
        found["effective_on"] = ["生效日期不能早于公布（通过）日期。"]
    if len(new.articles) > MOST:
        found["articles"] = [f"涉及的条最多 {MOST} 条；更多的，请不填，按整部修改办理。"]
    if new.change == NEW:
        if message := _entered(session, new):
            found["law"] = [message]
    elif message := _standing(session, new.law, new.change, new.effective_on):
        found["law"] = [message]
    elif citations.same_law(new.by) == citations.same_law(new.law):
        found["by"] = ["请填写作出修改、废止的那部法律或者决定，不是被修改、废止的法律。"]
    wrong = [
        message
        for law in new.replaces
        if (message := _standing(session, law, ChangeKind.REPEALED, new.effective_on))
    ]
    if wrong:
        found["replaces"] = wrong
    return found


def _entered(session: Session, new: Proposed) -> str:
    same = select(LawVersion.id).where(
        LawVersion.law_key == citations.same_law(new.law), LawVersion.adopted_on == new.adopted_on
    )
    if session.scalar(same) is not None:
        return f"《{new.law}》的这一文本已经登记，不用再提出。"
    return ""


def _standing(session: Session, law: str, change: str, day: date) -> str:
    """Why a statute cannot be amended or repealed from a day on; empty: it can."""
    history = library.histories(session, [law])[citations.same_law(law)]
    if not history.versions and not history.changes and not citing.touched(session, law):
        return f"没有登记《{law}》，也没有事项、流程或者文书引用它。请按全称核对名称。"
    if any(each.kind == change and each.on == day for each in history.changes):
        return f"《{law}》自{words.day(day)}起{KINDS[change]}已经登记，不用再提出。"
    held = history.on(day)
    if held.standing is Standing.REPEALED and held.change:
        return f"《{law}》已自{words.day(held.change.on)}起废止，不能再{KINDS[change]}。"
    return ""


def told(session: Session, new: Proposed) -> list[dict[str, str]]:
    """What changes, row by row: `part`, `before`, `after`."""
    day = words.day(new.effective_on)
    rows = []
    if new.change == NEW:
        adopted = f"{words.day(new.adopted_on)}公布，" if new.adopted_on else ""
        rows.append({"part": f"《{new.law}》", "before": "没有登记", "after": f"{adopted}自{day}起施行"})
    for law in new.laws:
        history = library.histories(session, [law])[citations.same_law(law)]
        what = "废止" if new.change == NEW else KINDS[new.change]
        names = "、".join(citations.article_name(each) for each in new.articles[:20])
        more = f"等 {len(new.articles)} 条" if len(new.articles) > 20 else ""
        by = new.law if new.change == NEW else new.by
        after = f"自{day}起由《{by}》{what}" + (f"，涉及{names}{more}" if names else "")
        before = validity.WORDS[history.on(clock.today()).standing]
        rows.append({"part": f"《{law}》", "before": before, "after": after})
    return rows


def carry_out(session: Session, new: Proposed, order_no: str) -> Sequence[int]:
    """Record what was confirmed, and open the work of every item it touches; the ids of the changes. It counts from its
    own day: whoever asks for a day gets the answer of that day."""
    if new.change == NEW:
        library.enter(
            session, Statute(new.law, new.level, "", new.adopted_on, new.effective_on, new.source, ())
        )
    kind = ChangeKind.REPEALED if new.change == NEW else ChangeKind(new.change)
    by = new.law if new.change == NEW else new.by
    made = [
        NewChange(law, kind, new.effective_on, by, new.basis or f"《{by}》", new.source, new.articles)
        for law in new.laws
    ]
    return [changes.record(session, each, order_no)[0].id for each in made]


def from_json(content: Mapping[str, Any], effective_on: date, source: str) -> Proposed:
    """It as it is kept."""
    adopted = content.get("adopted_on")
    return Proposed(
        change=str(content["change"]),
        law=str(content["law"]),
        effective_on=effective_on,
        adopted_on=date.fromisoformat(adopted) if adopted else None,
        by=str(content.get("by") or ""),
        level=str(content.get("level") or ""),
        articles=tuple(content.get("articles") or ()),
        basis=str(content.get("basis") or ""),
        source=source,
        replaces=tuple(content.get("replaces") or ()),
    )
