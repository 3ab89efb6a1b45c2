"""Renaming a field everywhere in a draft at once: what else must change, and what only a person can change. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.diagrams import service as diagrams
from app.documents import service as documents
from app.kernel.errors import Invalid

from . import form_definitions as definitions
from . import form_uses
from .form_uses import Use

FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Renaming:
    """`changes`: new texts by path, the form itself left aside. `left`: uses that still name the field as it was."""

    changes: Mapping[str, str]
    left: tuple[Use, ...]


def rename(parts: definitions.Parts, key: str, old: str, new: str) -> Renaming:
    """Rename a field of a form in everything that speaks of it.

    Raises:
        Invalid: the new key is none.
    """
    if not FIELD.fullmatch(new):
        message = "字段标识只能用小写字母、数字和下划线，以字母开头，不超过 40 位。"
        raise Invalid(message, field="to", errors={"to": [message]})
    changes: dict[str, str] = {}
    for path, text in parts.items():
        if path == definitions.path_of(key):
            continue
        if path.startswith(definitions.FOLDER):
            changed = _form(text, key, old, new)
        elif path.startswith("documents/") and path.endswith(".yaml"):
            changed = _template(text, key, old, new)
        elif path == "rules.yaml":
            changed = _rules(parts, text, key, old, new)
        else:
            continue
        if changed != text:
            changes[path] = changed
    after = {**parts, **changes}
    left = [
        u for u in form_uses.of_form(after, key) if u.field == old and u.kind in ("form", "document", "rule")
    ]
    return Renaming(changes, tuple(left))


def _form(text: str, key: str, old: str, new: str) -> str:
    raw = definitions.read(text)
    prefill = raw.get("prefill") if raw else None
    if raw is None or not isinstance(prefill, dict):
        return text
    path = re.compile(rf"forms\.{re.escape(key)}\.{re.escape(old)}(?=\.|\Z)")
    changed = {
        field: path.sub(f"forms.{key}.{new}", source) if isinstance(source, str) else source
        for field, source in prefill.items()
    }
    return text if changed == prefill else definitions.text_of({**raw, "prefill": changed})


def _template(text: str, key: str, old: str, new: str) -> str:
    raw, _ = documents.writing.read_template(text)
    if raw is None:
        return text
    names = [rf"forms\.{re.escape(key)}"]
    let = raw.get("let")
    for name, expression in let.items() if isinstance(let, Mapping) else ():
        if str(expression).strip() == f"forms.{key}":
            names.append(re.escape(str(name)))
    spoken = re.compile(rf"(?<![\w.])({'|'.join(names)})\.{re.escape(old)}(?!\w)")
    return spoken.sub(rf"\g<1>.{new}", text)


def _rules(parts: definitions.Parts, text: str, key: str, old: str, new: str) -> str:
    rules = form_uses.rules_of(parts)
    steps = {node.step for node in form_uses.nodes(parts) if node.form == key and node.step}

    def by_step(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {step: new if step in steps and field == old else field for step, field in value.items()}

    def entry(value: Any, section: str) -> Any:
        if not isinstance(value, Mapping):
            return value
        changed = dict(value)
        named = {value.get("step"), *(value.get("steps") or ())}
        name = form_uses.STEP_FIELDS.get(section, ("", ""))[0]
        if named & steps and changed.get(name) == old:
            changed[name] = new
        if section == "bands" and changed.get("tier") == f"{key}.{old}":
            changed["tier"] = f"{key}.{new}"
        for fields in ("dates", "lengthened"):
            if section == "clocks" and fields in changed:
                changed[fields] = by_step(changed[fields])
        return changed

    changed = dict(rules)
    if isinstance(facts := rules.get("facts"), Mapping):
        changed["facts"] = {n: f"{key}.{new}" if p == f"{key}.{old}" else p for n, p in facts.items()}
    if "moments" in rules:
        changed["moments"] = by_step(rules["moments"])
    for section in ("clocks", *form_uses.STEP_FIELDS):
        if isinstance(listed := rules.get(section), list):
            changed[section] = [entry(each, section) for each in listed]
    return text if changed == rules else diagrams.drafts.rule_text(changed)
