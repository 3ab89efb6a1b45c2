"""A person's try of a draft: kept between pages like a form's draft, so that a closed browser loses nothing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.catalogue import service as catalogue
from app.diagrams import service as diagrams
from app.diagrams.models import Draft
from app.forms import service as forms
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Invalid

from . import service

MORNING = time(9)
FAR = 60
"""Acts made up at one click."""


def scope(draft_id: int) -> str:
    """The name under which a try, and files uploaded in it, are kept."""
    return f"try:{draft_id}"


def bundle_of(session: Session, draft: Draft) -> diagrams.Bundle:
    """The draft as a bundle.

    Raises:
        Invalid: a part cannot be read.
    """
    return diagrams.from_tree(service.content(session, draft))


def items_for(session: Session, draft: Draft) -> list[tuple[int, str]]:
    """The published power items a try of this draft may be made on: id and name."""
    return [(item.id, item.name) for item in catalogue.of_procedure(session, draft.key)]


def begin(session: Session, draft: Draft, item_id: int | None, opened: str) -> cases.Script:
    """A new script on a published item (None: on none in particular), from the morning of a day on.

    Raises:
        Invalid: there is no such day or item.
    """
    try:
        day = datetime.fromisoformat(opened).date()
    except ValueError:
        raise Invalid(errors={"opened": ["请填写开始日期，例如 2026-03-02。"]}) from None
    item: dict[str, Any] = {"name": f"{draft.name}（试运行事项）", "kind": draft.key.partition("/")[0]}
    if item_id is not None:
        found = next((i for i in catalogue.of_procedure(session, draft.key) if i.id == item_id), None)
        if found is None:
            raise Invalid(errors={"item": ["请从列表中选择事项。"]})
        item = {"name": found.name, "kind": found.kind, "basis": found.basis, "content": found.content}
    moment = datetime.combine(day, MORNING, clock.CHINA)
    return cases.read_script({"opened": moment.isoformat(), "item": item, "region": draft.region_code})


def kept(session: Session, actor: Actor, draft: Draft) -> cases.Script | None:
    """The person's try of this draft so far; None where there is none, or where it can be read no more."""
    found = forms.load_draft(session, actor.account_id, scope(draft.id))
    if found is None:
        return None
    try:
        return cases.read_script(found.get("script"))
    except Invalid:
        return None


def keep(session: Session, actor: Actor, draft: Draft, script: cases.Script) -> None:
    """Keep the try."""
    forms.save_draft(session, actor.account_id, scope(draft.id), {"script": cases.script_values(script)})


def drop(session: Session, actor: Actor, draft: Draft) -> None:
    """Forget the try."""
    forms.drop_draft(session, actor.account_id, scope(draft.id))


def later(script: cases.Script, until: str) -> cases.Script:
    """The script with time gone by until a moment of China's time.

    Raises:
        Invalid: no moment, or one that is past.
    """
    try:
        moment = datetime.fromisoformat(until)
    except ValueError:
        raise Invalid(errors={"until": ["请填写日期和时间。"]}) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=clock.CHINA)
    if moment <= script.moment:
        raise Invalid(
            errors={"until": ["日期只能向前推进。需要回到以前时，请在“已办步骤”中选择“回到此前”。"]}
        )
    return with_act(script, {"at": moment.isoformat()})


def with_act(script: cases.Script, act: Mapping[str, Any]) -> cases.Script:
    """The script with one more act, read as strictly as a kept one."""
    values = cases.script_values(script)
    return cases.read_script({**values, "acts": [*values["acts"], dict(act)]})


def cut(script: cases.Script, acts: int) -> cases.Script:
    """The script with its first acts only."""
    return replace(script, acts=script.acts[: max(acts, 0)])
