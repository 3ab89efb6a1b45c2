"""Gaps, overlaps, rows that never apply, and what a table of discretion tiers must keep besides."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from app.kernel.errors import Invalid

from .amounts import amounts
from .cells import ANYTHING, read_cell
from .evaluation import Understood, understand
from .model import BOOLEAN, TIER_OUTPUTS, UNIQUE, Domain, Problem, Severity, Table, Vocabulary, listed
from .regions import Axis, Box, axis, box_of, closing, example, example_words, met, ranges, uncovered, words

MOST_PIECES = 20_000
MOST_TOLD = 30


def axes_of(understood: Understood, domains: Mapping[str, Domain]) -> list[Axis]:
    """The regions of every input.

    Raises:
        Invalid: the permitted values of an input are not understood.
    """
    found = []
    for at, column in enumerate(understood.table.inputs):
        attribute = understood.attributes[at]
        domain = domains.get(column.name, Domain())
        if column.whole:
            domain = Domain(domain.least, True)
        allowed = read_cell(column.allowed, attribute, understood.known) if column.allowed else ANYTHING
        found.append(axis(attribute, [cells[at] for cells in understood.cells], domain, allowed))
    return found


def check(table: Table, known: Vocabulary, domains: Mapping[str, Domain] | None = None) -> list[Problem]:
    """Everything wrong with a table; nothing: it decides every case of its inputs, each once.

    A derived attribute that is an input counts as free: what it is computed from is not looked into.
    """
    understood = understand(table, known)
    problems = list(understood.problems)
    problems += _shape(understood)
    if understood.problems:
        return problems
    try:
        axes = axes_of(understood, domains or {})
    except Invalid as wrong:
        return [*problems, Problem("allowed", f"输入的取值范围：{wrong.message}")]
    boxes = [box_of(axes, cells) for cells in understood.cells]
    problems += _never(understood, boxes)
    if table.policy == UNIQUE:
        problems += _overlaps(axes, boxes)
        problems += _gaps(axes, boxes)
    if table.decides_tiers:
        problems += amounts(understood, axes, boxes)
    return problems


def _shape(understood: Understood) -> Iterator[Problem]:
    table = understood.table
    if not table.rows:
        yield Problem("empty", "表中还没有规则，请至少添加一行。")
    deciding = [column for column in table.outputs if column.kind == BOOLEAN]
    tiers = [column.name for column in table.outputs if column.name in TIER_OUTPUTS]
    if tiers and len(tiers) < len(TIER_OUTPUTS):
        yield Problem("tiers", "裁量档次表要有档次（tier）、下限（low）、上限（high）三个输出。")
    if tiers and table.policy != UNIQUE:
        yield Problem("tiers", "裁量档次表的命中策略应当是唯一（UNIQUE）：一个案件只有一个档次。")
    if not deciding and not tiers:
        yield Problem("outputs", "表没有可以使用的输出：应当有一列“是否”，或者档次、下限、上限三列。")
    for at, column in enumerate(table.outputs):
        silent = not understood.problems and not any(given[at] is True for given in understood.results)
        if column.kind == BOOLEAN and table.rows and silent:
            yield Problem("outputs", f"输出“{column.title}”没有一行是“是”，永远是否。", column=column.id)


def _never(understood: Understood, boxes: Sequence[Box]) -> Iterator[Problem]:
    for at, box in enumerate(boxes):
        if not all(box):
            column = understood.table.inputs[box.index(0)]
            message = f"第 {at + 1} 行永远不会命中：“{column.title}”没有这样的取值。"
            yield Problem("never", message, rows=(at + 1,), column=column.id)


def _overlaps(axes: Sequence[Axis], boxes: Sequence[Box]) -> Iterator[Problem]:
    told = 0
    for (i, a), (j, b) in combinations(enumerate(boxes, 1), 2):
        shared = met(a, b)
        if shared is None:
            continue
        told += 1
        if told > MOST_TOLD:
            yield Problem("overlap", f"还有更多重叠，请先改正以上 {MOST_TOLD} 处。")
            return
        values = example(axes, shared)
        message = f"{listed((i, j))}重叠（{words(axes, shared)}）：例如{example_words(axes, values)}，两行同时命中。"
        yield Problem("overlap", message, rows=(i, j), example=values)


def _gaps(axes: Sequence[Axis], boxes: Sequence[Box]) -> Iterator[Problem]:
    if not boxes:
        return
    found = uncovered(axes, boxes, MOST_PIECES)
    if found is None:
        yield Problem("gap", "表太复杂，空档查不完。请减少输入，或者把不同的情形拆成几张表。")
        return
    pieces = [piece for box in found[:MOST_TOLD] for piece in ranges(axes, box)]
    for box in pieces[:MOST_TOLD]:
        values = example(axes, box)
        message = f"有空档（{words(axes, box)}）：例如{example_words(axes, values)}，没有一行命中。"
        yield Problem("gap", message, rows=tuple(_near(boxes, box)), example=values, cells=closing(axes, box))
    if max(len(found), len(pieces)) > MOST_TOLD:
        yield Problem("gap", f"还有更多空档，请先改正以上 {MOST_TOLD} 处。")


def _near(boxes: Sequence[Box], gap: Box) -> list[int]:
    """The rows nearest to a gap: those that differ from it in the fewest inputs, at most two."""

    def distance(box: Box) -> int:
        return sum(1 for a, b in zip(box, gap, strict=True) if not a & b)

    best = min(map(distance, boxes))
    return [at for at, box in enumerate(boxes, 1) if distance(box) == best][:2]


def blocking(problems: Sequence[Problem], official: bool) -> list[Problem]:
    """The problems that keep a table from being published. Of an official standard that is taken as it is, gaps,
    overlaps and amounts are told only: the office that applies it may not change it."""
    found = [problem for problem in problems if problem.severity is Severity.BLOCK]
    return [problem for problem in found if problem.code not in OFFICIAL] if official else found


OFFICIAL = frozenset({"gap", "overlap", "fixed", "amount_gap", "amount_overlap", "range"})
"""Defects that an official standard may have (most have some) and that do not keep it from being applied."""
