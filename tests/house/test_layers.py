"""Rooms import downwards only, and one another only through their doors."""

import ast
import configparser
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
DOORS = {"service", "models"}
"""`models` for joins of a higher room reading a lower one's tables."""
PURE_DOORS = {
    "app.forms.conditions",
    "app.forms.codes",
    "app.diagrams.rules",
    "app.diagrams.tables",
    "app.cases.case_commands",
}
"""Functions of values that the statutes' other readers share, and a command that joins another room's group."""
OPEN_ROOMS = {"kernel", "verify"}


def effective_rules() -> str:
    """The written contracts without the rooms that are not built yet, which can break nothing."""
    written = configparser.ConfigParser()
    written.read(ROOT / ".importlinter", encoding="utf-8")
    result = configparser.ConfigParser()
    for name in written.sections():
        section = dict(written[name])
        for key in ("layers", "source_modules", "forbidden_modules"):
            if key in section:
                lines = [_built(line) for line in section[key].split("\n")]
                section[key] = "\n" + "\n".join(line for line in lines if line)
        if all(section[key].strip() for key in ("source_modules", "forbidden_modules") if key in section):
            result[name] = {key: value for key, value in section.items() if value.strip()}
    from io import StringIO

    text = StringIO()
    result.write(text)
    return text.getvalue()


def _built(line: str) -> str:
    modules = [part.strip() for part in line.split(":")]
    return " : ".join(m for m in modules if m and (not m.startswith("app.") or _exists(m)))


def _exists(module: str) -> bool:
    path = ROOT / module.replace(".", "/")
    return (path / "__init__.py").exists() or path.with_suffix(".py").exists()


def test_the_layers_hold(tmp_path):
    config = tmp_path / "importlinter.ini"
    config.write_text(effective_rules(), encoding="utf-8")
    lint = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run(
        [lint, "--config", config, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "KEPT" in result.stdout


def test_rooms_meet_at_their_doors():
    """Files beside the rooms put them together and may open any door."""
    wrong = []
    rooms = {path.parent.name for path in APP.glob("*/__init__.py")}
    for path in sorted(APP.glob("*/**/*.py")):
        if "node_modules" in path.parts:
            continue
        here = path.relative_to(APP).parts[0]
        for module, names in imports(path):
            parts = module.split(".")
            if parts[0] != "app" or len(parts) < 2 or parts[1] not in rooms - OPEN_ROOMS - {here}:
                continue
            reached = {module} if len(parts) > 2 else {f"{module}.{name}" for name in names}
            wrong += [
                f"{path.relative_to(ROOT)}: {door}"
                for door in sorted(reached)
                if door.split(".")[2] not in DOORS and door not in PURE_DOORS
            ]
    assert wrong == []


def imports(path: Path) -> list[tuple[str, list[str]]]:
    """Absolute module name and imported names of every import in a file."""
    found = []
    package = ["app", *path.relative_to(APP).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            if module == "app":
                found += [(f"app.{alias.name}", ["service"]) for alias in node.names]
            else:
                found.append((module, [alias.name for alias in node.names]))
        elif isinstance(node, ast.Import):
            found += [(alias.name, ["service"]) for alias in node.names]
    return found


TIMELESS = {"app.kernel.clock.CHINA", "app.kernel.clock.legal_day"}
"""The time zone of legal days and the day of a moment: values, no present moment."""


def test_rules_of_law_are_functions_of_values():
    """`rules.py` of every room and the whole of `verify` know no database, no web, no clock."""
    banned = {"flask", "sqlalchemy", "app.kernel.clock", "app.kernel.db"}
    wrong = []
    for path in [
        *APP.glob("*/rules.py"),
        *APP.glob("*/gate_rules.py"),
        *APP.glob("cases/gates/*.py"),
        *APP.glob("verify/**/*.py"),
    ]:
        for module, names in imports(path):
            reached = {f"{module}.{name}" for name in names} - TIMELESS
            if any(r == b or r.startswith(f"{b}.") for r in reached for b in banned):
                wrong.append(f"{path.relative_to(ROOT)}: {module}")
    assert wrong == []
