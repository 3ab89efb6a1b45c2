"""`script/bench NAME [--json]`: run one measurement.

A measurement is a file `bench/NAME.py` with a first line that says what it measures and a function
`figures() -> dict[str, float | int]`, times in milliseconds and sizes in bytes. It may have a function
`table(figures) -> str` that shows them to a person, and `arguments(parser)` whose values `figures` takes. Files
that begin with an underscore serve the others.
"""

import argparse
import ast
import importlib
import json
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def names() -> dict[str, str]:
    """Every measurement and its first line."""
    found = {}
    for path in sorted(FOLDER.glob("[a-z]*.py")):
        text = ast.get_docstring(ast.parse(path.read_text())) or ""
        found[path.stem] = text.partition("\n")[0]
    return found


def listing() -> str:
    known = names()
    if not known:
        return "还没有任何测量项目 · there are no measurements yet"
    return "\n".join(f"  {name:<20} {line}" for name, line in known.items())


def plain(figures: dict[str, float | int]) -> str:
    """One line a figure."""
    return "\n".join(
        f"{key:<28} {value:>14,.3f}" if isinstance(value, float) else f"{key:<28} {value:>14,}"
        for key, value in figures.items()
    )


def main(arguments: list[str]) -> int:
    known = names()
    name = arguments[0] if arguments else "--help"
    if name in ("-h", "--help"):
        print("用法 · usage: script/bench NAME [--json]\n" + listing())
        return 0
    if name not in known:
        print(f"没有名为 {name} 的测量项目 · no measurement named {name}:\n{listing()}", file=sys.stderr)
        return 2
    measurement = importlib.import_module(f"bench.{name}")
    parser = argparse.ArgumentParser(prog=f"script/bench {name}", description=known[name])
    parser.add_argument("--json", action="store_true", help="the figures once more, on one last line")
    getattr(measurement, "arguments", lambda _: None)(parser)
    given = vars(parser.parse_args(arguments[1:]))
    as_json = given.pop("json")
    figures = measurement.figures(**given)
    print(getattr(measurement, "table", plain)(figures))
    if as_json:
        print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
