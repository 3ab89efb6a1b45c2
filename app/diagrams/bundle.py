"""A procedure's bundle: the files of one folder below `bpmn/` and the forms its diagrams name."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from lxml import etree

from app.kernel.errors import Invalid
from app.kernel.settings import ROOT
from app.verify import reader

XQ = "urn:xingquan:bpmn:1"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that is published together. `digest` names exactly this content."""

    key: str
    external: bytes
    internal: bytes
    rules: Mapping[str, Any]
    forms: Mapping[str, Mapping[str, Any]]
    digest: str
    tables: Mapping[str, str] = field(default_factory=dict)
    """Decision tables: name -> DMN text."""


def safe_xml(content: bytes) -> etree._Element:
    """The root of an XML document of ours: UTF-8, no entities, no network, bounded size.

    Raises:
        Invalid: too large, not well-formed, in another encoding, or with a document type declaration.
    """
    return reader.parse(content)


def form_keys(diagram: bytes) -> list[str]:
    """The forms a diagram names, in document order, each once."""
    found = (node.get(f"{{{XQ}}}form") for node in safe_xml(diagram).iter())
    return list(dict.fromkeys(key for key in found if key))


def digest(
    key: str,
    external: bytes,
    internal: bytes,
    rules: Mapping,
    forms: Mapping,
    tables: Mapping[str, str] | None = None,
) -> str:
    """SHA-256 over the whole content, independent of key order in the JSON parts."""
    total = hashlib.sha256()
    content = [rules, forms, dict(tables)] if tables else [rules, forms]
    for part in (
        key.encode(),
        external,
        internal,
        json.dumps(content, ensure_ascii=False, sort_keys=True).encode(),
    ):
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.hexdigest()


def from_folder(key: str, root: Path = ROOT) -> Bundle:
    """The bundle of `bpmn/<key>` as it lies on disk.

    Raises:
        Invalid: a file is missing or unreadable; the message names it.
    """
    folder = root / "bpmn" / key
    try:
        external = (folder / "external.bpmn").read_bytes()
        internal = (folder / "internal.bpmn").read_bytes()
        rules = yaml.safe_load((folder / "rules.yaml").read_text(encoding="utf-8"))
        forms = {
            name: json.loads((root / "forms" / f"{name}.json").read_text(encoding="utf-8"))
            for name in form_keys(internal)
        }
        tables = {
            file.stem: file.read_text(encoding="utf-8") for file in sorted((folder / "tables").glob("*.dmn"))
        }
    except FileNotFoundError as error:
        raise Invalid(f"流程“{key}”缺少文件：{Path(str(error.filename)).relative_to(root)}。") from error
    except (yaml.YAMLError, json.JSONDecodeError) as error:
        raise Invalid(f"流程“{key}”的规则或表单文件格式不对：{error}") from error
    found = digest(key, external, internal, rules, forms, tables)
    return Bundle(key, external, internal, rules, forms, found, tables)
