"""The stock of templates as the proof of a procedure sees it: what each kind of document says."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from app.verify.subject import Template

from . import template


def stock(folder: Path = template.FOLDER) -> dict[str, Template]:
    """Every template by its code, with the text of its blocks, placeholders and all.

    Raises:
        DocumentError: a template is wrong.
    """
    found = {}
    for code in template.codes(folder):
        known = template.load(code, folder)
        raw = yaml.safe_load((folder / code / "template.yaml").read_bytes())
        found[code] = Template(
            code,
            known.name,
            "\n".join(_texts(raw["blocks"])),
            bool(known.type_char),
            known.seal,
            known.copies,
        )
    return found


def _texts(value: Any) -> list[str]:
    """Every text in a template's blocks, in order."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [text for each in inner for text in _texts(each)]
