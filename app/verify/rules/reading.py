"""What several rules look up in a diagram, its forms and its rule set."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..demands import Tags, matches
from ..reader import Node, Process
from ..subject import Subject
from . import terms

_LIMIT = re.compile(r"(\d{1,5})(wd|d|h|m)\Z")
SHORTEST_MONTH = 28
"""Days of the shortest month."""


def parts(limit: str) -> tuple[int, str] | None:
    """A limit like `5wd`, `90d`, `24h` or `3m` as number and unit; None where it is none."""
    found = _LIMIT.match(limit.strip())
    return (int(found[1]), found[2]) if found else None


def at_most(limit: str, bound: str) -> bool:
    """Whether a limit can never last longer than `bound`; False where that is unsure."""
    one, law = terms.read(limit), terms.read(bound)
    return one is not None and law is not None and terms.within(one, law)


def at_least(limit: str, bound: str) -> bool:
    """Whether a limit can never be shorter than `bound` (in `wd` or `d`); False where that is unsure."""
    one, other = parts(limit), parts(bound)
    if one is None or other is None:
        return False
    (number, unit), (least, wanted) = one, other
    if unit == wanted:
        return number >= least
    days = {"wd": number, "m": number * SHORTEST_MONTH, "h": number // 24}.get(unit)
    return wanted == "d" and days is not None and days >= least


def listed(value: Any) -> tuple[str, ...]:
    """A text or a list of texts as a tuple."""
    if isinstance(value, str):
        return (value,)
    return tuple(str(each) for each in value) if isinstance(value, list | tuple) else ()


def entries(subject: Subject, section: str) -> Iterator[Mapping[str, Any]]:
    """The entries of a list in the rule set, those that are none left out."""
    found = subject.rules.get(section)
    return (each for each in (found if isinstance(found, list) else ()) if isinstance(each, Mapping))


def param(subject: Subject, name: Any) -> Any:
    """The value of a parameter of the rule set; None where there is none of that name."""
    params = subject.rules.get("params")
    found = params.get(name) if isinstance(params, Mapping) and isinstance(name, str) else None
    return found.get("value") if isinstance(found, Mapping) else found


def speaks_of(entry: Mapping[str, Any], key: str, tags: Tags) -> bool:
    """Whether a list of steps in an entry names one of the steps."""
    return any(
        matches(tag, tags) or any(matches(own, (tag,)) for own in tags) for tag in listed(entry.get(key))
    )


def groups_with(subject: Subject, tags: Tags) -> list[Mapping[str, Any]]:
    """The groups of persons of the rule set that do one of these steps."""
    return [group for group in entries(subject, "separation") if speaks_of(group, "steps", tags)]


def kept_apart(subject: Subject, one: Tags, other: Tags) -> bool:
    """Whether nobody may do a step of both sides in the same case."""
    for first in groups_with(subject, one):
        for second in groups_with(subject, other):
            names = str(first.get("name")), str(second.get("name"))
            excludes = listed(first.get("excludes")), listed(second.get("excludes"))
            if names[0] != names[1] and (
                not excludes[0] or not excludes[1] or names[1] in excludes[0] or names[0] in excludes[1]
            ):
                return True
    return False


def officers(node: Node) -> int:
    """How many officers sign a task."""
    text = node.attributes.get("officers", "1")
    return int(text) if text.isdigit() else 1


def papers(subject: Subject, tags: Tags) -> set[str]:
    """Codes of the documents that the steps of `tags` issue."""
    return {str(paper.get("code")) for node in subject.nodes(tags) for paper in node.documents}


def waits(subject: Subject, tags: Tags) -> list[Node]:
    """The timers that wait for the end of a period: by their tag."""
    return [node for node in subject.nodes(tags) if node.event("timer")]


def length(node: Node) -> str:
    """How long a timer waits."""
    timer = node.event("timer")
    return (timer.value if timer else "") or node.attributes.get("limit", "")


def asked(subject: Subject, tags: Tags) -> dict[str, bool]:
    """Every field that the forms of these steps ask: whether an answer is insisted on."""
    found: dict[str, bool] = {}
    for node in subject.nodes(tags):
        for item in subject.fields(node):
            key = str(item["key"])
            found[key] = found.get(key, False) or bool(item.get("required"))
    return found


def reached_from(process: Process, nodes: Iterable[Node]) -> set[str]:
    """Ids of the nodes that some flow leads to from one of `nodes`, conditions left aside."""
    todo, seen = list(nodes), set[str]()
    while todo:
        node = todo.pop()
        ahead = [flow.target for flow in node.outgoing]
        ahead += [event.id for event in process.boundary(node.id)]
        for target in ahead:
            if target not in seen:
                seen.add(target)
                todo.append(process.nodes[target])
    return seen
