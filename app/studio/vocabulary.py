"""What a diagram of a draft may speak of: legal steps, positions, forms, documents, routing attributes, actions.

The studio offers these in its lists, so that nobody types a tag. Everything comes from where it is defined: steps and
their names from the proof (`verify.rules.steps`), the rest of a step from `data/steps.yaml`, positions from `people`,
attributes from the draft's own rule set, words of choices from the draft's forms.
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from app.forms import service as forms
from app.kernel.actions import ACTIONS
from app.kernel.errors import Invalid
from app.verify.rules import steps as known

from .called import offered

STEPS = Path(__file__).parent / "data" / "steps.yaml"
ACTION_NAMES: Mapping[str, str] = {
    "cases.refer": "在表单选定的事项上发起办件，移交线索",
    "supervision.major_reminder": "重大执法决定作出前提醒执法监督机关",
    "diagrams.freeze": "锁定送审的流程草稿",
    "diagrams.thaw": "退回流程草稿修改",
    "diagrams.release": "终止送审，归还流程草稿",
    "diagrams.publish": "公布审核通过的流程",
    "orders.freeze": "锁定送审的变更单",
    "orders.reply": "把审核意见写回变更单",
    "items.sign": "记录责任人签核和校验结果",
    "items.freeze": "锁定送审的权力事项草稿",
    "items.thaw": "退回权力事项草稿修改",
    "items.release": "终止送审，草稿留存",
    "items.apply": "向司法行政机关申报，由其立件审核",
    "items.publish": "公布审核通过的权力事项",
    "items.reply": "把签发的审核意见送达申报机关",
}
Parts = Mapping[str, str]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@lru_cache(maxsize=1)
def step_groups() -> list[dict[str, Any]]:
    """Every legal step by kind: tag, name and what is suggested for it."""
    raw = _mapping(STEPS.read_text(encoding="utf-8"))
    suggested = {tag: _filled(entry, raw["laws"]) for tag, entry in raw["steps"].items()}
    return [
        {
            "kind": kind,
            "steps": [
                {"tag": tag, "name": name, "element": "user", **suggested.get(tag, {})}
                for tag, name in group.items()
            ],
        }
        for kind, group in known.STEPS.items()
    ]


def _filled(entry: Mapping[str, Any], laws: Mapping[str, str]) -> dict[str, Any]:
    found = {key: str(value) if key == "officers" else value for key, value in entry.items()}
    if "basis" in found:
        found["basis"] = found["basis"].format(**laws)
    return found


def vocabulary(
    parts: Parts, positions: Mapping[str, str], installed: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """All lists of the studio for a draft's texts. A part that cannot be read is left out and named in `unread`.

    Args:
        parts: the texts of the draft by path.
        positions: key → name of the positions there are.
        installed: code → name of the document templates there are besides the draft's own.
    """
    unread: list[str] = []
    found = dict(_forms(parts, unread))
    return {
        "steps": step_groups(),
        "positions": [{"key": key, "name": name} for key, name in positions.items()],
        "forms": [{"key": key, "title": form.title} for key, form in found.items()],
        "documents": [
            {"code": code, "title": title}
            for code, title in sorted({**(installed or {}), **dict(_documents(parts, unread))}.items())
        ],
        "attributes": _attributes(parts, _option_words(found), unread),
        "called": offered(parts),
        "actions": [{"key": key, "name": ACTION_NAMES.get(key, key)} for key in sorted(ACTIONS)],
        "unread": unread,
    }


def _forms(parts: Parts, unread: list[str]) -> Iterator[tuple[str, forms.Form]]:
    for path in sorted(parts):
        if not path.startswith("forms/"):
            continue
        try:
            form = forms.load(json.loads(parts[path]))
        except (ValueError, RecursionError, Invalid):
            unread.append(path)
            continue
        yield path.removeprefix("forms/").removesuffix(".json"), form


def _documents(parts: Parts, unread: list[str]) -> Iterator[tuple[str, str]]:
    for path in sorted(parts):
        if not (path.startswith("documents/") and path.endswith(".yaml")):
            continue
        code = path.removeprefix("documents/").removesuffix(".yaml")
        raw = _yaml(path, parts, unread)
        yield code, str(raw.get("name") or raw.get("title") or code)


def _yaml(path: str, parts: Parts, unread: list[str]) -> Mapping[str, Any]:
    try:
        return _mapping(parts.get(path, ""))
    except yaml.YAMLError:
        unread.append(path)
        return {}


@lru_cache(maxsize=256)
def _mapping(text: str) -> Mapping[str, Any]:
    """A text as a mapping, empty where it is none; to be read only. Kept, since a rule set takes long to parse."""
    raw = yaml.load(text, Loader=_LOADER)  # noqa: S506 - one of the two safe loaders
    return raw if isinstance(raw, dict) else {}


def _attributes(
    parts: Parts, words: Mapping[tuple[str, str], str], unread: list[str]
) -> dict[str, dict[str, Any]]:
    """Routing attributes, declared and derived, in the order of the rule set; tolerant of a half-written one."""
    rules = _yaml("rules.yaml", parts, unread)
    found: dict[str, dict[str, Any]] = {}
    declared, derived = rules.get("attributes"), rules.get("derived")
    for name, raw in declared.items() if isinstance(declared, dict) else ():
        if not isinstance(raw, dict) or raw.get("type") not in ("boolean", "number", "choice"):
            continue
        options = raw.get("options")
        found[str(name)] = {
            "type": raw["type"],
            "label": str(raw.get("label") or name),
            "options": [
                {"value": str(value), "label": words.get((str(name), str(value))) or _unoffered(raw, value)}
                for value in (options if isinstance(options, list) else ())
            ],
            "derived": False,
        }
    for name, raw in derived.items() if isinstance(derived, dict) else ():
        label = raw.get("label") if isinstance(raw, dict) else None
        found[str(name)] = {"type": "boolean", "label": str(label or name), "options": [], "derived": True}
    return found


def _unoffered(attribute: Mapping[str, Any], value: Any) -> str:
    """What a value is called that no form offers: the one that holds before any form has said something else."""
    return "尚未填写" if value == attribute.get("default") else str(value)


def _option_words(found: Mapping[str, forms.Form]) -> dict[tuple[str, str], str]:
    """(attribute, value) → how the form that writes the attribute words the value."""
    words: dict[tuple[str, str], str] = {}
    for form in found.values():
        for write in form.writes:
            for item in form.keyed():
                if write.fact and write.fact in item.facts:
                    for value, label in (item.values_of(write.fact) or {}).items():
                        words.setdefault((write.attribute, value), label)
    return words
