"""The command line: `script/xq COMMAND`. One table of commands; each is imported only when it is called.

A room adds its own commands as a click command or group in `app/<room>/commands.py` and a line here. Such a
module imports what its room may and no more: the application comes to it as the context's object, a function
that opens it (`with opened():`), because whoever makes the application knows all rooms.
"""

import importlib
import importlib.util
from contextlib import AbstractContextManager
from typing import Any

import click

from .kernel.errors import Invalid, XingquanError

COMMANDS: dict[str, tuple[str, str, str]] = {
    # name: (module, attribute, what it does)
    "serve": ("app.commands", "serve", "启动平台：数据库、网页服务和后台任务"),
    "worker": ("app.commands", "worker", "单独运行后台任务进程"),
    "database": ("app.commands", "database", "只运行内置数据库"),
    "migrate": ("app.commands", "migrate", "升级数据表；--autogenerate 按模型写出下一个迁移"),
    "prepare": ("app.commands", "prepare", "升级数据表并载入演示数据（script/server 自动调用）"),
    "demo": ("app.commands", "demo", "演示数据"),
    "doctor": ("app.doctor", "doctor", "检查本机环境、数据库和各项文件"),
    "people": ("app.people.commands", "people", "机关、人员和账号"),
    "procedure": ("app.cases.run_commands", "procedure", "流程：检查、发布、清单、导出和导入、用例"),
    "verify": ("app.cases.proof_commands", "verify", "证明流程合法：外部流程图、内部流程图"),
    "rules": ("app.diagrams.commands", "rules", "流程发布前证明的规则；--write 写出 docs/rules.md"),
    "requirements": (
        "app.requirements",
        "requirements",
        "各项要求由哪些测试证明；--write 写出 docs/requirements.md",
    ),
    "items": ("app.catalogue.commands", "items", "权力事项：录入、导入、导出、清单"),
    "baselines": ("app.catalogue.baseline_commands", "baselines", "裁量基准：检查、载入、清单"),
    "calendar": ("app.deadlines.commands", "calendar", "工作日历：状态、导入放假通知"),
    "keys": ("app.kernel.commands", "commands", "数据密钥：状态、更换、重新加密"),
    "audit": ("app.archive.commands", "audit_group", "留痕：核验全部记录、锚定"),
    "case": ("app.archive.commands", "case", "案件：导出、核验案卷，迁移到流程的另一版本"),
    "backup": ("app.kernel.backup.commands", "backup", "备份：全量、增量、清单、核对、清理"),
    "restore": ("app.kernel.backup.commands", "restore", "把备份恢复到新的数据目录，可到任一时刻"),
    "law": ("app.catalogue.law_commands", "law", "法律依据：载入、清单、核对、废止和修改、影响分析"),
    "manual": ("app.guide.commands", "manual", "操作手册：由已发布的流程生成 PDF"),
    "documents": ("app.documents.commands", "documents", "文书：文号登记簿"),
}


class Table(click.Group):
    """A group whose commands come from the table; those of rooms that are not there are left out."""

    def list_commands(self, context: click.Context) -> list[str]:
        return [name for name, (module, _, _) in COMMANDS.items() if _exists(module)]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS or not _exists(COMMANDS[name][0]):
            return None
        module, attribute, _ = COMMANDS[name]
        return getattr(importlib.import_module(module), attribute)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("命令 · commands"):
            formatter.write_dl([(name, COMMANDS[name][2]) for name in self.list_commands(context)])

    def resolve_command(self, context: click.Context, args: list[str]):
        if self.get_command(context, args[0]) is None:
            known = "、".join(self.list_commands(context))
            raise click.UsageError(f"没有命令“{args[0]}”。可用的命令：{known}。")
        return super().resolve_command(context, args)

    def invoke(self, context: click.Context) -> Any:
        """What a person can mend is told in one line, not as a trace: also a database that is not prepared or away."""
        try:
            return super().invoke(context)
        except XingquanError as error:
            raise click.ClickException(told(error)) from error
        except Exception as error:
            from .kernel import outage

            if message := outage.at_the_terminal(error):
                raise click.ClickException(message) from error
            raise


def told(error: XingquanError) -> str:
    """An error as the terminal shows it: the message, then what is wrong with each part."""
    details = error.errors if isinstance(error, Invalid) else {}
    return "\n".join([error.message, *(f"  {text}" for texts in details.values() for text in texts)])


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _application() -> AbstractContextManager[Any]:
    from .commands import application

    return application()


@click.group(cls=Table, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def xq(context: click.Context) -> None:
    """行权 Xingquan：管理命令。"""
    context.obj = context.obj or _application


def main() -> None:
    """The entry point."""
    xq(prog_name="script/xq")
