"""What the page of rules asks: what is wrong with a draft's rule set, and at which entry.

Each entry is looked at together with what entries may speak of (attributes, thresholds, clocks, groups of persons),
so that a fault is told where it stands. What is wrong with the whole is told of the whole.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from app.cases import service as cases
from app.deadlines import service as deadlines
from app.diagrams import service as diagrams
from app.diagrams.rules import Rules
from app.diagrams.rules import parse as parse_rules
from app.kernel.errors import Invalid

from .rule_names import Parts, Reading, names, read
from .rule_schema import schema

BASE = ("key", "name", "kind", "scope", "attributes", "params", "derived", "clocks", "separation", "tables")
"""What entries of the other sections may speak of."""
WITHOUT = {"key": "draft", "name": "草稿", "kind": "penalty", "attributes": {}}


def account(parts: Parts) -> dict[str, Any]:
    """What is wrong with the rule set, by section and entry, and everything that its fields can be chosen from."""
    found = read(parts)
    known = names(found, parts)
    told = list(_problems(found, known))
    return {
        "names": known,
        "problems": [{"section": s, "entry": e, "field": f, "message": m} for s, e, f, m in told],
    }


Problem = tuple[str, Any, str, str]
"""(section, entry: place in a list or key, field, message); an entry None: the section, a section "": all of it."""


def _problems(found: Reading, known: Mapping[str, Any]) -> Iterator[Problem]:
    if message := found.errors.get(diagrams.tree.RULES):
        yield "", None, "", message
        return
    missing = list(_missing(found.rules))
    yield from missing
    incomplete = {(section, str(entry)) for section, entry, _, _ in missing}
    by_step = {step["tag"]: step["form"] for step in known["steps"]}
    codes = tuple(each["code"] for each in known["documents"])
    looked = _Look(found, by_step, codes)
    base, broken = dict(WITHOUT), False
    for section in BASE:
        if section not in found.rules:
            continue
        for entry, part in _entries(found.rules, section):
            if (section, str(entry)) in incomplete:
                continue
            problems = looked.at(_with(base, section, entry, part))
            yield from ((section, entry, "", message) for message in problems)
            broken = broken or bool(problems)
            if problems:
                part = None if entry is None else _stand_in(section, part, base)
            if part is not None:
                base = _with(base, section, entry, part)
    usual = set(looked.at(base))
    silent = not broken and not missing
    for section in found.rules:
        if section in BASE or section not in KNOWN:
            continue
        for entry, part in _entries(found.rules, section):
            if (section, str(entry)) in incomplete:
                continue
            for message in looked.at(_with(base, section, entry, part)):
                if message not in usual:
                    silent = False
                    yield section, entry, "", message
    if silent and "attributes" in found.rules:
        for name in parse_rules(found.rules, found.tables).without_standard():
            silent = False
            yield "attributes", name, "", f"{cases.NO_STANDARD.format(name)}。"
    if silent:  # what no entry shows alone
        yield from (("", None, "", message) for message in looked.at(dict(found.rules)))


SHAPES: Mapping[str, str] = {section["name"]: section["shape"] for section in schema()["sections"]}
KNOWN = frozenset(SHAPES)


def _entries(rules: Mapping[str, Any], section: str) -> Iterator[tuple[Any, Any]]:
    """The entries of a section, each with its place or key; of anything else the whole."""
    content, shape = rules[section], SHAPES.get(section, "value")
    if isinstance(content, Mapping) and shape in ("map", "map_value"):
        yield from content.items()
    elif isinstance(content, list) and shape == "list":
        yield from enumerate(content)
    else:
        yield None, content


def _with(base: Mapping[str, Any], section: str, entry: Any, part: Any) -> dict[str, Any]:
    """A rule set with one entry more."""
    if entry is None:
        return {**base, section: part}
    if isinstance(entry, int):
        return {**base, section: [*base.get(section, ()), part]}
    return {**base, section: {**base.get(section, {}), entry: part}}


def _stand_in(section: str, part: Any, base: Mapping[str, Any]) -> dict[str, Any] | None:
    """Something well formed under the name of a faulty attribute, so that its fault is not told everywhere."""
    said = part if isinstance(part, Mapping) else {}
    if section == "attributes":
        options = (
            [str(each) for each in said.get("options") or ()] if isinstance(said.get("options"), list) else []
        )
        kinds: dict[str, dict[str, Any]] = {
            "number": {"type": "number", "default": 0},
            "choice": {"type": "choice", "options": options or ["-"], "default": (options or ["-"])[0]},
        }
        return kinds.get(str(said.get("type")), {"type": "boolean", "default": False})
    if section == "derived" and base["attributes"]:
        return {"when": {"field": next(iter(base["attributes"])), "op": "notEmpty"}}
    return None


class _Look:
    """Looks at rule sets made from one draft."""

    def __init__(self, found: Reading, by_step: Mapping[str, str], codes: tuple[str, ...]) -> None:
        self.found = found
        self.by_step = by_step
        self.codes = codes

    def at(self, rules: Mapping[str, Any]) -> list[str]:
        """Chinese reasons, the parser's or those of publication."""
        try:
            parsed = parse_rules(rules, self.found.tables)
            _clocks(rules)
            return list(dict.fromkeys(self._reasons(parsed)))
        except Invalid as wrong:
            return [_short(wrong.message)]
        except (AttributeError, KeyError, TypeError, ValueError):
            return ["内容的写法不对，请重新填写。"]

    def _reasons(self, parsed: Rules) -> Iterator[str]:
        yield from map(_short, cases.rule_reasons(parsed, self.found.loaded, self.by_step, self.codes))


def _clocks(rules: Mapping[str, Any]) -> None:
    for clock in rules.get("clocks") or ():
        deadlines.read_rule(clock)


def _short(message: str) -> str:
    """A message without the name of the place beside which it will stand."""
    for opening in ("规则文件：", "规则文件的", "规则"):
        message = message.removeprefix(opening)
    section = next((name for name in KNOWN if name and message.startswith(f"“{name}”")), None)
    if section:
        rest = message.removeprefix(f"“{section}”")
        if rest.startswith("第 ") and " 项" in rest:
            rest = rest.partition(" 项")[2]
        message = rest.lstrip("：的")
    return message


def _missing(rules: Mapping[str, Any]) -> Iterator[Problem]:
    """Fields that must be filled in and are not."""
    for section in schema()["sections"]:
        needed = [field for field in section["fields"] if field["required"]]
        name = section["name"]
        if section["shape"] == "fields" and name == "":
            yield from (
                ("", None, f["name"], f"请填写“{f['label']}”。") for f in needed if not rules.get(f["name"])
            )
        elif section["shape"] in ("list", "map") and name in rules:
            for entry, part in _entries(rules, name):
                for field in needed:
                    if isinstance(part, Mapping) and part.get(field["name"]) in (None, "", [], {}):
                        yield name, entry, field["name"], f"请填写“{field['label']}”。"
