"""`script/xq documents`: the register of numbers, void ones included, and whether it has a gap."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import click
from sqlalchemy import select

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.people import service as people

from . import service, template
from .models import Document, DocumentSeries, Status

WORDS = {Status.VOID: "作废", Status.CORRECTED: "已更正", Status.SUPERSEDED: "已被替代"}
Opened = Callable[[], AbstractContextManager[Any]]


@click.group(help="文书：文号登记簿。")
def documents() -> None:
    pass


@documents.command(
    "register", help="打印一种文书一年的登记簿，含作废的；检查文号是否连续，有缺号时以 1 退出。"
)
@click.argument("agency_code", metavar="机关代码")
@click.argument("year", metavar="年份", type=click.IntRange(1949, 9999))
@click.argument("code", metavar="文书代码")
@click.pass_obj
def register(opened: Opened, agency_code: str, year: int, code: str) -> None:
    if code not in service.all_codes():
        raise NotFound(f"没有代码为“{code}”的文书。可用的代码：{'、'.join(service.all_codes())}。")
    with opened():
        session = db.session()
        agency_id = people.agency_id_of(session, agency_code)
        found = service.register_of(session, agency_id, year, code)
        series = template.load(code).type_char or code
        last = session.get(DocumentSeries, (agency_id, series, year))
        used = session.scalars(
            select(Document.seq).where(
                Document.agency_id == agency_id, Document.type_char == series, Document.year == year
            )
        )
        missing = sorted(set(range(1, (last.last if last else 0) + 1)) - set(used))
    for document in found:
        void = (
            ""
            if document.status == Status.ISSUED
            else f"  [{WORDS[document.status]}：{document.void_reason}]"
        )
        click.echo(
            f"{document.seq:>5}  {document.number or '（无文号）'}  {document.issued_on}  {document.title}"
            f"  {document.ident_code}{void}"
        )
    void_count = sum(document.status == Status.VOID for document in found)
    click.echo(f"共 {len(found)} 份，其中作废 {void_count} 份。")
    if missing:
        click.echo(f"序列“{series}”缺号：{'、'.join(map(str, missing))}", err=True)
        sys.exit(1)
    click.echo(f"序列“{series}”自 1 至 {last.last if last else 0} 连续，没有缺号。")
