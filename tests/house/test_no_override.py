"""There is no way around the gates: every function that changes a case runs under them, and none takes a word
that would leave them out."""

import ast
import re
from pathlib import Path

from app.cases.gates import GATES

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "app" / "cases"
STATE = {"state", "attributes", "passed", "held", "monitor", "late", "next_due", "status", "procedure_id"}
"""Columns that say how a case may go on."""
MOVERS = {
    "stepping.settle": "called by carry_out, which guards, and by the timers",
    "timers._postpone": "asks a case again later; moves nothing",
    "late.keep": "what a timer replaced",
    "late.register": "under carry_out, which guards",
    "late.forget": "under settle",
    "migration.migrate": "under its own reasons and the standing gates",
    "acts.hand_in": "a task waits for its second officer: guarded",
    "acts.send_back": "a task goes back to its first officer; moves nothing",
    "work_items.finish": "the task of a completed step",
    "seals.write": "",
}
GUARDED = {"carry_out", "hand_in", "_may_take"}
WORDS = re.compile(
    r"force|override|bypass|emergency|skip_gate|without_gate|unsafe|sudo|紧急放行|强制通过|reseal", re.I
)


def functions(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            yield node


def writes(function: ast.FunctionDef) -> bool:
    for node in ast.walk(function):
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AugAssign)
            else []
        )
        for target in targets:
            if isinstance(target, ast.Attribute) and target.attr in STATE and _names_a_row(target.value):
                return True
    return False


def _names_a_row(value: ast.expr) -> bool:
    return (isinstance(value, ast.Name) and value.id in ("case", "work", "found", "row")) or (
        isinstance(value, ast.Attribute) and value.attr == "case"
    )


def test_only_known_functions_write_what_decides_how_a_case_goes_on():
    found = {
        f"{path.stem}.{function.name}"
        for path in CASES.rglob("*.py")
        for function in functions(path)
        if writes(function)
    }
    assert found <= set(MOVERS), found - set(MOVERS)
    assert {"stepping.settle", "migration.migrate"} <= found


def test_the_engine_is_moved_in_three_places_only():
    moves = {"complete", "register", "register_late", "refresh", "start", "with_attributes"}
    found = set()
    for path in (ROOT / "app").rglob("*.py"):
        if "node_modules" in path.parts or path.parent.name == "engine":
            continue
        for function in functions(path):
            for node in ast.walk(function):
                if (
                    isinstance(node, ast.Attribute)
                    and node.attr in moves
                    and getattr(node.value, "id", "") == "engine"
                ):
                    found.add(f"{path.stem}.{function.name}")
    assert found == {
        "stepping.carry_out",
        "late.register",
        "timers.fire",
        "opening.open_case",
        "migration.migrate",
    }


def test_the_mover_of_a_step_guards_with_all_gates():
    """`guard` is called without naming gates, so that it runs all; only taking a task runs fewer."""
    calls = {}
    for path in CASES.glob("*.py"):
        for function in functions(path):
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in ("guard", "stepping.guard"):
                    calls.setdefault(function.name, []).append(len(node.args) + len(node.keywords))
    assert set(calls) == GUARDED
    assert calls["carry_out"] == calls["hand_in"] == [1]
    source = (CASES / "stepping.py").read_text(encoding="utf-8")
    assert "gates: tuple[rules.Gate, ...] = rules.GATES" in source
    assert len(GATES) == 18


def test_every_move_is_watched():
    """The monitor stands in `settle` itself, under no condition, before anything is written; no other writes it."""
    [settle] = [f for f in functions(CASES / "stepping.py") if f.name == "settle"]
    called = [ast.unparse(line) for line in settle.body if isinstance(line, ast.Assign)]
    assert called[1] == "case.monitor = monitoring.follow(running, advance, after, work)"
    [follow] = [f for f in functions(CASES / "monitoring.py") if f.name == "follow"]
    assert [a.arg for a in follow.args.args] == ["running", "advance", "after", "work"]
    assert not follow.args.defaults
    assert not follow.args.kwonlyargs


def test_nobody_can_name_a_way_around():
    """No parameter, option, setting or command says force, override, emergency or the like."""
    wrong = []
    for path in [*CASES.rglob("*.py"), ROOT / "app" / "cli.py", ROOT / "app" / "commands.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.FunctionDef):
                names = [a.arg for a in (*node.args.args, *node.args.kwonlyargs)] + [node.name]
            elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith("click."):
                names = [
                    a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
                ]
            wrong += [f"{path.name}: {name}" for name in names if WORDS.search(name)]
    table = (ROOT / "app" / "kernel" / "settings.py").read_text(encoding="utf-8").split('"""')[1]
    wrong += [line for line in table.splitlines() if re.search("gate|override|emergency|force", line, re.I)]
    assert wrong == []
