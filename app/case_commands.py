"""`script/xq case`: the commands about one case, each from the room it belongs to."""

import click

from .archive import commands as archive
from .cases import case_commands as cases


@click.group(help="案件：导出案卷，迁移到流程的另一版本。")
def case() -> None:
    pass


for room in (archive.case, cases.case):
    for name, command in room.commands.items():
        case.add_command(command, name)
