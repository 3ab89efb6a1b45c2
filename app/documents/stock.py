"""The stock of templates as the proof of a procedure sees it: what each kind of document says."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from app.verify.subject import Template

from . import own as own_templates
from . import template


def stock(folder: Path = template.FOLDER) -> dict[str, Template]:
    """Every template by its code, with the text of its blocks, placeholders and all.

    Raises:
        DocumentError: a template is wrong.
    """
    found = {}
    for code in template.codes(folder):
        raw = yaml.load((folder / code / "template.yaml").read_bytes(), Loader=yaml.CSafeLoader)
        found[code] = _seen(template.load(code, folder), raw)
    return found


def own_stock(own: own_templates.Own) -> dict[str, Template]:
    """The same of the templates that a version brings with it.

    Raises:
        DocumentError: a template is wrong.
    """
    return {code: _seen(own_templates.found(code, own), own_templates.raw_of(code, own)) for code in own}


def wording(raw: Mapping[str, Any]) -> str:
    """Every text in the blocks of a template (parsed YAML), a line each."""
    return "\n".join(_texts(raw["blocks"]))


@lru_cache(maxsize=256)
def wording_of(text: str) -> str:
    """The same of the text of a template: read once per content."""
    return wording(yaml.load(text, Loader=yaml.CSafeLoader))


def _seen(known: template.Template, raw: Mapping[str, Any]) -> Template:
    return Template(
        known.code,
        known.name,
        wording(raw),
        bool(known.type_char),
        known.seal,
        known.copies,
    )


def _texts(value: Any) -> list[str]:
    """Every text in a template's blocks, in order."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [text for each in inner for text in _texts(each)]
