"""`script/xq items`: enter the power items of agencies from a file, and list them."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click
import yaml
from sqlalchemy import select

from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.transaction import transaction
from app.people import service as people
from app.people.models import Agency

from . import item_commands, service
from .models import PowerItem

Opened = Callable[[], AbstractContextManager[Any]]
NEEDED = ("code", "name", "type", "procedure", "agencies")


@click.group(help="权力事项：录入、清单。")
def items() -> None:
    pass


for _command in (item_commands.take_in, item_commands.give_out, item_commands.template):
    items.add_command(_command)


@items.command(
    "load",
    help="从 YAML 文件录入事项（items 列表）；机关已有同一代码的事项时不改动。以前经过部门初审和合法性审核的，"
    "用 --approved 写明审核文书的文号；没有文号的可以办件，但不向公众公示。",
)
@click.argument("file", metavar="文件", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--approved", default="", metavar="文号", help="以前的审核文书；内容没有变化的已录入事项也补记。"
)
@click.pass_obj
def load(opened: Opened, file: Path, approved: str) -> None:
    found = read(file)
    with opened(), transaction() as session:
        for item in found:
            for code in item["agencies"]:
                service.add(session, people.agency_id_of(session, str(code)), item, approved.strip()[:120])
        session.flush()
    click.echo(f"已录入 {len(found)} 个事项，涉及 {sum(len(i['agencies']) for i in found)} 项次。")


@items.command("list", help="列出各机关的事项。")
@click.pass_obj
def listing(opened: Opened) -> None:
    with opened():
        rows = db.session.execute(
            select(PowerItem, Agency.name)
            .join(Agency, Agency.id == PowerItem.agency_id)
            .order_by(Agency.region_code, Agency.code, PowerItem.code)
        ).all()
    for item, agency in rows:
        click.echo(f"{agency}  {item.code}  {item.name}  {item.procedure}")


def read(file: Path) -> list[Mapping[str, Any]]:
    """The items of a file.

    Raises:
        Invalid: it is no YAML, or an item lacks something; the messages name it.
    """
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise Invalid(f"文件不是 UTF-8 编码的 YAML：{error}") from error
    found = content.get("items") if isinstance(content, Mapping) else None
    if not isinstance(found, list) or not all(isinstance(item, Mapping) for item in found):
        raise Invalid("文件应有 items 列表，每一项是“名称: 值”。")
    errors = [
        f"事项 {item.get('code') or item.get('name') or '？'}：缺少 {'、'.join(lacking)}"
        for item in found
        if (lacking := [name for name in NEEDED if not item.get(name)])
    ]
    errors += [
        f"事项 {item.get('code')}：elements 应是“要素: 内容”"
        for item in found
        if not isinstance(item.get("elements") or {}, Mapping)
    ]
    if errors:
        raise Invalid("文件内容需要修改：", errors={"file": errors})
    return found
