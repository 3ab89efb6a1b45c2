"""What the catalogue and the procedures cite, for the index (`citing`)."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.diagrams.models import ProcedureVersion

from . import citing
from .citing import Text
from .models import DiscretionBaseline, PowerItem

ITEMS = "select id::text, md5(code || name || basis::text || content::text) from power_item"
BASELINES = "select id::text, digest from discretion_baseline"
PROCEDURES = "select id::text, digest from procedure_version"
_VALUE = re.compile(r'"([^"<]*《[^"<]*)"|>([^<]*《[^<]*)<')


def install() -> None:
    """Register the sources. Doing it twice changes nothing."""
    citing.install(citing.Source(citing.ITEM, lambda _: (ITEMS, {}), _items))
    citing.install(citing.Source(citing.BASELINE, lambda _: (BASELINES, {}), _baselines))
    citing.install(citing.Source(citing.PROCEDURE, lambda _: (PROCEDURES, {}), _procedures))


def _items(session: Session, refs: Sequence[str]) -> Iterator[Text]:
    for row in session.execute(
        select(
            PowerItem.id, PowerItem.agency_id, PowerItem.code, PowerItem.name, PowerItem.basis, PowerItem.content
        ).where(PowerItem.id.in_([int(ref) for ref in refs]))
    ):  # fmt: skip
        yield Text(str(row.id), row.agency_id, f"{row.code} {row.name}", words_of([row.basis, row.content]))


def _baselines(session: Session, refs: Sequence[str]) -> Iterator[Text]:
    chosen = select(DiscretionBaseline).where(DiscretionBaseline.id.in_([int(ref) for ref in refs]))
    for row in session.scalars(chosen):
        label = f"{row.key} {row.violation}（第{row.number}版）"
        yield Text(str(row.id), row.agency_id, label, words_of(row.content))


def _procedures(session: Session, refs: Sequence[str]) -> Iterator[Text]:
    chosen = select(ProcedureVersion).where(ProcedureVersion.id.in_([int(ref) for ref in refs]))
    for row in session.scalars(chosen):
        diagrams = (bytes(each).decode("utf-8", "replace") for each in (row.external, row.internal))
        words = [html.unescape(a or b) for xml in diagrams for a, b in _VALUE.findall(xml)]
        told = [*words, words_of([row.rules, row.forms]), *row.templates.values()]
        yield Text(str(row.id), None, f"{row.name}（{row.key} 第{row.number}版）", "\n".join(told))


def words_of(value: Any) -> str:
    """Every text in a JSON value that names a statute, a line each."""
    return "\n".join(_words(value))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if "《" in value:
            yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _words(each)
    elif isinstance(value, Sequence):
        for each in value:
            yield from _words(each)
