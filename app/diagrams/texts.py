"""The texts of a bundle read strictly: YAML and JSON that an analyst or another installation has written. Pure.

A key that stands twice would silently drop what it said first, a gate of law perhaps; an alias can swell a short
text to gigabytes. Neither is needed, so neither is taken.
"""

import json
from collections.abc import Hashable
from typing import Any

import yaml

from app.kernel.errors import Invalid

_Fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MOST_DEPTH = 60
"""How deep lists and objects may stand in one another; the rule sets of the release reach 12."""


class _Loader(_Fast):  # type: ignore[misc, valid-type]
    """Refuses a key that stands twice in one mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, "键应当是文字", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"“{key}”写了两次", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(text: str, where: str) -> Any:
    """The value of a YAML text; `where` names it in errors.

    Raises:
        Invalid: it is not well formed, uses aliases, is nested too deeply or names a key twice.
    """
    try:
        _without_tricks(text, where)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, made stricter
    except yaml.MarkedYAMLError as error:
        line = f"第 {error.problem_mark.line + 1} 行" if error.problem_mark else ""
        raise Invalid(f"“{where}”{line}写法不对：{error.problem}。") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Invalid(f"“{where}”不是有效的 YAML：{error}。") from error


def _without_tricks(text: str, where: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Fast):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Invalid(f"“{where}”第 {event.start_mark.line + 1} 行使用了引用（& 或 *），请直接写出内容。")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MOST_DEPTH:
                raise Invalid(f"“{where}”第 {event.start_mark.line + 1} 行嵌套过深。")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def read_json(text: str, where: str) -> Any:
    """The value of a JSON text; `where` names it in errors.

    Raises:
        Invalid: it is not well formed, is nested too deeply, names a key twice or holds a number that is none.
    """

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) < len(found):
            names = [name for name, _ in found]
            twice = next(name for name in names if names.count(name) > 1)
            raise Invalid(f"“{where}”中“{twice}”写了两次。")
        return made

    def constant(name: str) -> Any:
        raise Invalid(f"“{where}”中有不是数字的数“{name}”。")

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise Invalid(f"“{where}”第 {error.lineno} 行不是有效的 JSON：{error.msg}。") from error
    except RecursionError as error:
        raise Invalid(f"“{where}”嵌套过深。") from error


_FIRST = (
    "key",
    "name",
    "kind",
    "scope",
    "attributes",
    "params",
    "derived",
    "resets",
    "voids",
    "sticky",
    "clocks",
)
"""The order in which a rule set is written that has lost its own."""


class _Plain(yaml.SafeDumper):
    """Writes what stands twice twice, because `read_yaml` takes no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def rules_text(rules: Any) -> str:
    """A rule set as YAML, for one whose text is not at hand."""
    ordered = {name: rules[name] for name in _FIRST if name in rules} | dict(rules)
    return yaml.dump(ordered, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=110)


def form_text(form: Any) -> str:
    """A form as JSON, for one whose text is not at hand."""
    first = {name: form[name] for name in ("key", "title", "version", "items") if name in form}
    return json.dumps(first | dict(form), ensure_ascii=False, indent=1) + "\n"
