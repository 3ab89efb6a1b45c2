"""There is no way around the gates: every function that changes a case runs under them, and none takes a word
that would leave them out."""

import ast
import re
from functools import cache
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
    "hands.unconfirmed": "a task goes back to its first officer; moves nothing",
    "acts.confirm": "a task waits for its signers, confirmed by its second officer; moves nothing",
    "acts._to_signers": "a task waits for its signers: called by hand_in, which guards",
    "acts.give_back": "a task goes back to its assignee; moves nothing",
    "signing.decide": "the outcome of a round of signing, no row of a case",
    "signing._renew": "a round of signing, no row of a case",
    "recusals.decide": "the state of a recusal, which is no case",
    "recusals.lift": "the same",
    "work_items.finish": "the task of a completed step",
    "returning.take_back": "back to where the acts that are left lead, under the monitor; no fact outside is voided",
    "withdrawing.carry_out": "a task goes back to its first officer; moves nothing",
    "seals.write": "",
}
GUARDED = {"carry_out", "hand_in", "keeper", "make"}
WORDS = re.compile(
    r"force|override|bypass|emergency|skip_gate|without_gate|unsafe|sudo|紧急放行|强制通过|reseal", re.I
)


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Everything a file says; parsed once for all tests."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def functions(path: Path):
    return (node for node in nodes(path) if isinstance(node, ast.FunctionDef))


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
    moves = {
        "complete",
        "register",
        "register_late",
        "refresh",
        "start",
        "with_attributes",
        "again",
        "stored",
    }
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
        "opening.begin",
        "migration.migrate",
        # acts taken back: done again without one of them, and what is left
        "cutting._again",
        "cutting.run",
        "returning.live_tasks",
        "returning.take_back",
        "trail.rename",
        # what is over keeps its attributes once
        "stepping.settle",
    }


def test_the_mover_of_a_step_guards_with_all_gates():
    """`guard` is called without naming gates, so that it runs all; only standing in for somebody runs fewer, getting a
    task back, and making a document on demand: none of these moves the case."""
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
    assert len(GATES) == 27


def test_every_move_is_watched():
    """The monitor stands in `settle` itself, under no condition, before anything is written; no other writes it."""
    [settle] = [f for f in functions(CASES / "stepping.py") if f.name == "settle"]
    called = [ast.unparse(line) for line in settle.body if isinstance(line, ast.Assign)]
    first = next(line for line in called if line.startswith("case."))
    assert first == "case.monitor = monitoring.follow(running, advance, after, work)"
    [follow] = [f for f in functions(CASES / "monitoring.py") if f.name == "follow"]
    assert [a.arg for a in follow.args.args] == ["running", "advance", "after", "work"]
    assert not follow.args.defaults
    assert not follow.args.kwonlyargs


def test_nobody_can_name_a_way_around():
    """No parameter, option, setting or command says force, override, emergency or the like."""
    wrong = []
    for path in [*CASES.rglob("*.py"), ROOT / "app" / "cli.py", ROOT / "app" / "commands.py"]:
        for node in nodes(path):
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
