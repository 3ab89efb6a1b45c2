"""YAML that somebody sent, as plain values: what JSON could say too, and nothing that grows while it is read.

An alias (`*name`) may stand for a whole tree, and a few lines of aliases to aliases for billions of values (CWE-776): they
are refused. Days and moments stay the text they were written as.
"""

from typing import Any

import yaml

from .errors import Invalid


class _Loader(yaml.CSafeLoader):
    """Without timestamps: `2026-01-31` is a text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def load(text: str) -> Any:
    """The values of one YAML document: mappings with text keys, lists, texts, numbers, true, false and null.

    Raises:
        Invalid: code `yaml`: it is none, or holds an alias.
    """
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent):
                raise Invalid("YAML 中不能使用别名（*）。", code="yaml")
        return _keyed(yaml.load(text, Loader=_Loader))  # noqa: S506 - a safe loader with less in it
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"第 {mark.line + 1} 行附近" if mark else ""
        raise Invalid(f"不是有效的 YAML，{where}写法有误。", code="yaml") from error
    except (RecursionError, ValueError):
        raise Invalid("不是有效的 YAML，可能嵌套过深或者数字过大。", code="yaml") from None


def _keyed(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _keyed(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_keyed(inner) for inner in value]
    if isinstance(value, bytes):
        raise Invalid("YAML 中不能有二进制内容。", code="yaml")
    return value
