"""What must not stand in the repository: unfinished marks, one machine's paths, addresses, outgrown files.

Patterns close with a class of one letter, so that a plain search for the same words does not find this file.
"""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {".git", ".venv", ".xq", "node_modules", "__pycache__", "dist"}
BINARY = {".png", ".jpg", ".ico", ".pdf", ".docx", ".woff2", ".ofd", ".gz", ".zip"}
THIS = Path(__file__).relative_to(ROOT)


@cache
def files() -> list[Path]:
    """The repository's text files, relative to its root; without git, everything but what tools made."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        names = [Path(name) for name in listed.stdout.decode().split("\0") if name]
    else:
        names = [p.relative_to(ROOT) for p in ROOT.rglob("*")]
    return sorted(
        p
        for p in names
        if (ROOT / p).is_file()
        and not SKIPPED & set(p.parts)
        and p.suffix.lower() not in BINARY
        and p != THIS
    )


@cache
def lines_of(path: Path) -> tuple[str, ...]:
    """The lines of a text file."""
    return tuple((ROOT / path).read_text(encoding="utf-8").splitlines())


def hits(pattern: str, among: list[Path]) -> list[str]:
    """Places where the pattern stands, as file:line: text."""
    searched = re.compile(pattern)
    found = []
    for path in among:
        try:
            lines = lines_of(path)
        except UnicodeDecodeError:
            continue
        found += [
            f"{path}:{n}: {line.strip()[:100]}" for n, line in enumerate(lines, 1) if searched.search(line)
        ]
    return found


def ours(*tops: str) -> list[Path]:
    return [p for p in files() if p.parts[0] in tops]


@pytest.mark.parametrize(
    "mark", ["TOD[O]", "FIXM[E]", "XX[X]", "HAC[K]", "NotImplementedErro[r]", "for no[w]"]
)
def test_nothing_is_marked_unfinished(mark):
    assert hits(rf"\b{mark}\b", ours("app", "tests", "script", "bpmn", "forms", "documents")) == []


def test_no_path_of_one_machine():
    machine = r"(?<![\w.])/((work/(main|shared|wt)|farm)\b|(root|Users|home/\w+|tmp)/)|[A-Z]:\\\\Users"
    assert hits(machine, [p for p in files() if p.suffix != ".bpmn"]) == []


def test_no_registry_addresses():
    registries = (
        r"pypi\.or[g]|pythonhoste[d]|registry\.npm|npmmirro[r]|deb\.debian\.or[g]|mirrors?\.\w+\.(com|edu|cn)"
    )
    assert hits(registries, files()) == []


def test_no_word_about_the_making():
    words = r"claud[e]|anthropi[c]|chatgp[t]|copilo[t]|ai assistan[t]|(this|previous) sessio[n]|subagen[t]"
    assert hits(rf"(?i)\b({words})\b", files()) == []


def test_no_file_has_outgrown_its_name():
    long = [
        f"{p}: {n}"
        for p in ours("app", "tests", "script")
        if p.suffix in {".py", ".js", ".ts", ".css", ".html"} and (n := len(lines_of(p))) > 400
    ]
    assert long == []


def test_no_drawer_for_everything():
    drawers = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
    assert [str(p) for p in ours("app", "tests") if drawers & {part.split(".")[0] for part in p.parts}] == []


def test_no_large_file():
    assert [str(p) for p in files() if (ROOT / p).stat().st_size > 600 * 1024] == []
