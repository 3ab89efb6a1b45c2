"""Templates that a procedure's version brings with it, instead of the release's under the same codes."""

from collections.abc import Iterator, Mapping, Set
from typing import Any

import yaml

from . import locks, placeholders, template
from .template import DocumentError, Template

Own = Mapping[str, str]
"""Template texts by code, as a version holds them."""
NONE: Own = {}


def found(code: str, own: Own = NONE) -> Template:
    """The template of a kind of document: the version's own, else the release's.

    Raises:
        DocumentError: there is none, or it is wrong.
    """
    if code not in own:
        return template.load(code)
    made = template.of_text(own[code], code)
    if made.code != code:
        raise DocumentError(f"文书模板 {code} 中写的代码是 {made.code}。")
    return made


def codes(own: Own = NONE) -> list[str]:
    """The codes of every kind of document that can be issued."""
    return sorted({*template.codes(), *own})


def raw_of(code: str, own: Own = NONE) -> Mapping[str, Any]:
    """A template as parsed YAML, not compiled."""
    if code in own:
        return yaml.load(own[code], Loader=yaml.CSafeLoader)
    return yaml.load((template.FOLDER / code / "template.yaml").read_bytes(), Loader=yaml.CSafeLoader)


def obstacles(own: Own, fields: Mapping[str, Set[str]], attributes: Set[str]) -> Iterator[str]:
    """Chinese reasons why a version may not bring these templates: they are wrong, ask for what its forms (the
    keys of their answers) and attributes do not give, or change a statutory clause of the release."""
    shipped = set(template.codes())
    for code in sorted(own):
        try:
            found(code, own)
        except DocumentError as error:
            yield error.message
            continue
        raw = raw_of(code, own)
        for path in placeholders.missing(raw, fields, attributes):
            yield f"文书模板 {code} 引用了不存在的内容“{path}”，请改为表单中有的字段，或者先判断它是否存在"
        if code in shipped:
            yield from (
                f"文书模板 {code}：{message.rstrip('。')}" for message in locks.broken(raw_of(code), raw)
            )
