"""Tables put to use: a rule set as written, with what its tables decide compiled into its condition trees.

A boolean output becomes a derived attribute; a table of tiers gives the band that names it a list of tiers, each
with its condition. So the engine, the proof and the gates know nothing of tables.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from app.kernel.errors import Invalid

from .amounts import within
from .checking import blocking, check
from .evaluation import Understood, understand
from .model import BOOLEAN, HIGH, LOW, TIER, Problem, Severity, Table, Vocabulary, shown
from .reading import read
from .vocabulary import Said, vocabulary
from .vocabulary import domains as domains_of

OPTIONS = {"official", "source", "unsure"}


def declared(rules: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The tables a rule set names, each with what it says of it.

    Raises:
        Invalid: the section is neither a list of names nor names with their remarks.
    """
    raw = rules.get("tables") or {}
    if isinstance(raw, list) and all(isinstance(name, str) for name in raw):
        return {name: {} for name in raw}
    if not isinstance(raw, Mapping) or not all(isinstance(v, Mapping | None) for v in raw.values()):
        raise Invalid("规则文件：“tables”应当是决策表名称的列表，或者“名称: 说明”的对象。")
    for name, said in raw.items():
        if strange := sorted(set(said or {}) - OPTIONS):
            raise Invalid(f"规则文件：“tables”中“{name}”有不认识的内容：{'、'.join(map(str, strange))}。")
    return {str(name): said or {} for name, said in raw.items()}


def _read(rules: Mapping[str, Any], tables: Mapping[str, str]) -> dict[str, Table]:
    found = {}
    for name in declared(rules):
        if name not in tables:
            raise Invalid(f"规则文件引用了不存在的决策表“{name}”（tables/{name}.dmn）。", code="table")
        found[name] = read(name, tables[name])
    return found


def compiled_in(rules: Mapping[str, Any], tables: Mapping[str, str]) -> dict[str, Any]:
    """The rule set with its tables compiled in; without tables, a copy of it as it is.

    Args:
        rules: a rule set as written (`rules.yaml`).
        tables: name -> DMN text.

    Raises:
        Invalid: a table is missing, unreadable, or decides what the rule set already decides; a band names no
            table of tiers.
    """
    result = deepcopy(dict(rules))
    bands = result.get("bands")
    for band in bands if isinstance(bands, list) else ():
        if isinstance(band, Mapping) and "tiers" in band:
            raise Invalid("规则文件：“bands”的“tiers”由决策表（table）推导，不能填写。")
    read_tables = _read(rules, tables)
    known = vocabulary(rules, read_tables)
    taken: dict[str, str] = dict.fromkeys(rules.get("attributes") or {}, "属性")
    taken |= dict.fromkeys(rules.get("derived") or {}, "推导属性")
    ready: dict[str, Understood] = {}
    for name, table in read_tables.items():
        understood = ready[name] = understand(table, known)
        if understood.problems:
            told = "".join(problem.message for problem in understood.problems[:3])
            raise Invalid(f"决策表“{table.title}”（{name}）：{told}", code="table")
        for at, column in enumerate(table.outputs):
            if column.kind != BOOLEAN:
                continue
            if column.name in taken:
                raise Invalid(
                    f"决策表“{name}”的输出“{column.name}”已经是规则中的{taken[column.name]}，请换一个名称。"
                )
            taken[column.name] = f"决策表“{name}”的输出"
            if not isinstance(result.get("derived"), dict):
                result["derived"] = {}
            result["derived"][column.name] = {
                "label": column.title,
                "basis": table.basis,
                "when": _any(
                    understood, [i for i, given in enumerate(understood.results) if given[at] is True]
                ),
                "table": name,
            }
    for band in bands if isinstance(bands, list) else ():
        if isinstance(band, dict) and band.get("table"):
            band["tiers"] = list(_tiers(str(band["table"]), ready))
    return result


def _row(understood: Understood, at: int) -> dict[str, Any] | None:
    """The condition of a row; None: always."""
    trees = [
        tree
        for cell, column in zip(understood.cells[at], understood.table.inputs, strict=True)
        if (tree := cell.tree(column.name)) is not None
    ]
    return None if not trees else trees[0] if len(trees) == 1 else {"all": trees}


def _any(understood: Understood, rows: list[int]) -> dict[str, Any]:
    """Whether one of these rows (places) is hit. A tree must compare something: what always or never holds is
    said of the first input."""
    first = {"field": understood.table.inputs[0].name, "op": "empty"}
    trees = [_row(understood, at) for at in rows]
    if not trees:
        return {"all": [first, {"not": first}]}
    known = [tree for tree in trees if tree is not None]
    if len(known) < len(trees):
        return {"any": [first, {"not": first}]}
    return known[0] if len(known) == 1 else {"any": known}


def _tiers(name: str, ready: Mapping[str, Understood]) -> Iterator[dict[str, Any]]:
    understood = ready.get(name)
    if understood is None:
        raise Invalid(f"规则文件：“bands”引用的决策表“{name}”没有在 tables 中列出。", code="table")
    if not understood.table.decides_tiers:
        raise Invalid(f"决策表“{name}”不是裁量档次表：没有 tier、low、high 三个输出。", code="table")
    places = [understood.table.output(output) for output in (TIER, LOW, HIGH)]
    for at, given in enumerate(understood.results):
        tier, low, high = (given[place] if place is not None else None for place in places)
        if tier is None or low is None or high is None:
            raise Invalid(f"决策表“{name}”第 {at + 1} 行的档次、下限、上限应当都填写。", code="table")
        yield {"name": tier, "low": shown(low), "high": shown(high), "when": _any(understood, [at])}


def problems_of(
    rules: Mapping[str, Any],
    forms: Mapping[str, Mapping[str, Any]],
    tables: Mapping[str, str],
    said: Said | None = None,
) -> Iterator[tuple[str, Problem]]:
    """(table, problem) for every table, those that keep the bundle from being published as blocking.

    A table that the rule set does not name is told as a hint: it decides nothing. `said` are the words of options.
    """
    try:
        named = declared(rules)
    except Invalid as wrong:
        yield "", Problem("tables", wrong.message)
        return
    found: dict[str, Table] = {}
    for name, text in tables.items():
        try:
            found[name] = read(name, text)
        except Invalid as wrong:
            yield name, Problem("table", wrong.message)
    known, domains = vocabulary(rules, found, said), domains_of(rules, forms)
    silent = True
    for name, table in found.items():
        problems = [*check(table, known, domains), *_outside(rules, table, known)]
        stops = blocking(problems, bool(named.get(name, {}).get("official")))
        for problem in problems:
            if problem in stops:
                silent = False
                yield name, problem
            else:
                yield name, _hint(problem)
        if name not in named:
            message = "规则没有引用这张表（tables），它不起作用。"
            yield name, Problem("unused", message, Severity.HINT)
    if silent:
        try:
            compiled_in(rules, tables)
        except Invalid as wrong:
            yield "", Problem("tables", wrong.message)


def _outside(rules: Mapping[str, Any], table: Table, known: Vocabulary) -> Iterator[Problem]:
    """Tiers outside the range that the bands which name the table give in `params`."""
    bands = rules.get("bands")
    for band in bands if isinstance(bands, list) else ():
        if isinstance(band, Mapping) and band.get("table") == table.name and table.decides_tiers:
            low, high = (known.params.get(str(band.get(key))) for key in ("minimum", "maximum"))
            yield from within(understand(table, known), low, high, str(band.get("lenient") or ""))


def _hint(problem: Problem) -> Problem:
    return replace(problem, severity=Severity.HINT)
