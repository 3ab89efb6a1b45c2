"""使用说明: what a shipped procedure is for, in one page written for those who choose and adapt it. Pure.

The text stands beside the procedure in `bpmn/<key>/guide.md`, in headings (`## `), paragraphs and items (`- `) and nothing
else; steps are named in “”. What the diagrams and the rule set say already is not repeated there: the page adds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.diagrams import service as diagrams
from app.kernel.errors import Invalid
from app.kernel.settings import ROOT

from . import steps

HEADING, ITEM = "## ", "- "


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it: paragraphs, then items."""

    title: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """What is read from a version: its clocks, its steps as people do them, and the gates by the step they stand at."""

    clocks: Sequence[steps.Clock]
    guides: Sequence[steps.StepGuide]
    gates: Sequence[tuple[str, Sequence[str]]]


def of_release(key: str, root: Path = ROOT) -> tuple[Section, ...]:
    """The text that the release brings for a procedure; nothing where there is none."""
    path = (root / "bpmn" / key / "guide.md").resolve()
    if not path.is_relative_to((root / "bpmn").resolve()) or not path.is_file():
        return ()
    return parsed(path.read_text(encoding="utf-8"))


def parsed(text: str) -> tuple[Section, ...]:
    """A text in sections.

    Raises:
        Invalid: something stands before the first heading, or is set in a way this page does not know.
    """
    found: list[tuple[str, list[str], list[str]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(HEADING):
            found.append((line.removeprefix(HEADING).strip(), [], []))
        elif not line.strip():
            continue
        elif not found or line[0] in "#>|*`\t " or line.startswith("```"):
            raise Invalid(f"使用说明第 {number} 行只能是二级标题、段落或者以“- ”开头的条目。", code="guide")
        elif line.startswith(ITEM):
            found[-1][2].append(line.removeprefix(ITEM).strip())
        else:
            found[-1][1].append(line.strip())
    return tuple(Section(title, tuple(paragraphs), tuple(items)) for title, paragraphs, items in found)


def overview(procedure: diagrams.Procedure) -> Overview:
    """What a version itself says, shortly."""
    guides = steps.of_procedure(procedure)
    clocks = {clock.name: clock for guide in guides for clock in guide.starts}
    gates = [(guide.name, guide.mistakes) for guide in guides if guide.mistakes]
    return Overview(list(clocks.values()), guides, gates)
