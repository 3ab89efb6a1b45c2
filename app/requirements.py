"""`script/xq requirements`: what the platform is asked to do, and which tests show that it does.

`docs/requirements.yaml` names the obligations, each with the check by which it counts as met. A test that makes this check
says so: `@pytest.mark.requirement("S0-6")`. With `part="…"` it makes only the named part of it, which does not count as
met unless the obligation lists `parts` and each of them has a test. Marks are read from the text of the tests (AST):
nothing is imported, so that the page and the numbers need neither a database nor pytest.
"""

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import click
import yaml

from app.kernel.errors import Invalid
from app.kernel.settings import ROOT

DATA = ROOT / "docs" / "requirements.yaml"
PAGE = ROOT / "docs" / "requirements.md"
TESTS = ROOT / "tests"
MARK = "requirement"


class State(StrEnum):
    """How far an obligation is met."""

    MET = "met"
    PART = "part"
    OPEN = "open"
    NONE = "none"


STATES = {State.MET: "已满足", State.PART: "部分满足", State.OPEN: "尚未满足", State.NONE: "无需系统"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A test that makes the check of an obligation, or the `part` of it that is named (empty: all of it)."""

    file: str
    test: str
    part: str

    @property
    def room(self) -> str:
        """The folder of the test."""
        return Path(self.file).parts[1]


@dataclass(slots=True)
class Requirement:
    """An obligation. `none`: it is one of organisation, nothing for a platform to do. `parts`: what its check falls into,
    where no single test makes all of it."""

    id: str
    source: str
    article: str
    function: str
    check: str
    none: bool
    parts: tuple[str, ...] = ()
    marks: list[Mark] = field(default_factory=list)

    @property
    def state(self) -> State:
        """Met where one test makes the whole check, or every listed part has its test."""
        if self.none:
            return State.NONE
        shown = {mark.part for mark in self.marks}
        if "" in shown or (self.parts and shown.issuperset(self.parts)):
            return State.MET
        return State.PART if self.marks else State.OPEN


def read(data: Path = DATA) -> dict[str, Requirement]:
    """The obligations by id, in the order of the file, without tests."""
    raw = yaml.safe_load(data.read_text(encoding="utf-8"))
    return {
        number: Requirement(
            id=number,
            source=raw["sources"][number.split("-")[0]]["short"],
            article=str(one["article"]),
            function=one.get("function", ""),
            check=one.get("check", ""),
            none=bool(one.get("none")),
            parts=tuple(one.get("parts", ())),
        )
        for number, one in raw["requirements"].items()
    }


def names(data: Path = DATA) -> dict[str, str]:
    """The full name of every regulation, by the first part of the ids."""
    raw = yaml.safe_load(data.read_text(encoding="utf-8"))
    return {key: one["name"] for key, one in raw["sources"].items()}


def marks(source: str, file: str) -> Iterator[tuple[str, Mark]]:
    """The marks in the text of a test file, each with its id.

    Raises:
        Invalid: a mark does not name its ids and part as plain strings, or does not stand on a test function.
    """
    tree = ast.parse(source)
    seen: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            for call in node.decorator_list:
                if _is_mark(call.func if isinstance(call, ast.Call) else call):
                    seen |= {call, *ast.walk(call)}
                    yield from _named(call, node.name, file)
    for node in ast.walk(tree):
        if _is_mark(node) and node not in seen:
            raise Invalid(f"{file}：第 {getattr(node, 'lineno', 0)} 行的标记没有写在测试函数上。")


def _is_mark(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == MARK
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "mark"
    )


def _named(call: ast.expr, test: str, file: str) -> Iterator[tuple[str, Mark]]:
    given = call if isinstance(call, ast.Call) else None
    ids = [a.value for a in given.args if isinstance(a, ast.Constant)] if given else []
    words = (
        [k.value.value for k in given.keywords if k.arg == "part" and isinstance(k.value, ast.Constant)]
        if given
        else []
    )
    whole = given is not None and len(ids) == len(given.args) and len(words) == len(given.keywords)
    if not ids or not whole or not all(isinstance(word, str) and word for word in [*ids, *words]):
        raise Invalid(f"{file}：{test} 的标记须以字符串逐个写明编号，仅满足一部分的用 part 写明是哪一部分。")
    for number in ids:
        yield str(number), Mark(file, test, str(words[0]) if words else "")


def collected(data: Path = DATA, tests: Path = TESTS) -> dict[str, Requirement]:
    """The obligations with the tests that show them, by id.

    Raises:
        Invalid: there are no tests here, or a test names an id that does not exist or that asks nothing of a platform.
    """
    if not tests.is_dir():
        raise Invalid("这里没有测试目录 tests，只能在源代码目录中核对各项要求。")
    found = read(data)
    wrong = []
    for path in sorted(tests.rglob("test_*.py")):
        file = path.relative_to(tests.parent).as_posix()
        for number, mark in marks(path.read_text(encoding="utf-8"), file):
            if number not in found or found[number].none:
                wrong.append(f"{file}：{mark.test} 标记的“{number}”不是可以由系统满足的要求。")
            elif mark.part and found[number].parts and mark.part not in found[number].parts:
                wrong.append(f"{file}：{mark.test} 标记的“{mark.part}”不是 {number} 列出的部分。")
            else:
                found[number].marks.append(mark)
    if wrong:
        raise Invalid(errors={"marks": wrong})
    return found


def counted(found: Mapping[str, Requirement]) -> dict[State, int]:
    """How many obligations are in each state."""
    states = [one.state for one in found.values()]
    return {state: states.count(state) for state in State}


def share(found: Mapping[str, Requirement]) -> str:
    """The numbers in one sentence."""
    count = counted(found)
    words = "，".join(f"{count[state]} 项{STATES[state]}" for state in State)
    return f"共 {len(found)} 项：{words}。已满足 {100 * count[State.MET] / len(found):.1f}%。"


HEAD = """# 各项要求与测试

网上运行行政权力的五个规定对平台提出的要求，逐项列出由哪些测试证明。要求和检查标准见
[requirements.yaml](requirements.yaml)，测试用 `@pytest.mark.requirement("编号")` 标记。只检查其中一部分的写明 `part`；
要求列出 `parts` 的，各部分都有测试才算满足，没有列出的，只有部分测试不算满足。
本页由 `script/xq requirements --write` 生成，请勿手工修改。
"""


def page(found: Mapping[str, Requirement], regulations: Mapping[str, str]) -> str:
    """`docs/requirements.md`."""
    parts = [HEAD, share(found), ""]
    for key, name in regulations.items():
        mine = [one for one in found.values() if one.id.split("-")[0] == key]
        count = counted({one.id: one for one in mine})
        told = "，".join(f"{STATES[state]} {count[state]}" for state in State if count[state])
        parts += [
            f"## {key} {name}",
            f"{len(mine)} 项：{told}。",
            "",
            "| 编号 | 条款 | 检查标准 | 状态 | 测试 |",
        ]
        parts += ["|---|---|---|---|---|", *(_row(one) for one in mine), ""]
    return "\n".join(parts)


def _row(one: Requirement) -> str:
    cells = [
        one.id,
        one.article,
        one.check,
        STATES[one.state],
        "<br>".join(_shown(mark) for mark in one.marks),
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _shown(mark: Mark) -> str:
    where = mark.file.removeprefix("tests/").removesuffix(".py")
    told = f"`{where}` {mark.test.removeprefix('test_').replace('_', ' ')}"
    return f"{told}（{mark.part}）" if mark.part else told


def as_json(found: Mapping[str, Requirement]) -> str:
    """The same for programs."""
    return json.dumps(
        {
            "counts": {str(state): n for state, n in counted(found).items()},
            "requirements": [_told(one) for one in found.values()],
        },
        ensure_ascii=False,
        indent=1,
    )


def _told(one: Requirement) -> dict[str, object]:
    tests: Sequence[dict[str, str]] = [
        {"room": m.room, "file": m.file, "test": m.test, "part": m.part} for m in one.marks
    ]
    return {
        "id": one.id,
        "source": one.source,
        "article": one.article,
        "function": one.function,
        "check": one.check,
        "state": str(one.state),
        "tests": tests,
    }


@click.command(help="各项要求由哪些测试证明；--write 写出 docs/requirements.md，--json 供程序读取。")
@click.option("--write", is_flag=True, help="重新生成 docs/requirements.md")
@click.option("--json", "for_programs", is_flag=True, help="以 JSON 输出")
def requirements(write: bool, for_programs: bool) -> None:
    found = collected()
    if for_programs:
        click.echo(as_json(found))
        return
    if write:
        PAGE.write_text(page(found, names()), encoding="utf-8")
        click.echo(f"已写出 {PAGE.relative_to(ROOT)}。{share(found)}")
        return
    for one in found.values():
        rooms = "、".join(sorted({mark.room for mark in one.marks}))
        click.echo(f"{one.id:<6} {STATES[one.state]}  {len(one.marks)} 项测试  {rooms}  {one.check}")
    click.echo(share(found))
