"""What a rule set says about money and reckoned days, checked when a procedure is published: what it names exists."""

from collections.abc import Iterator, Mapping

from app.diagrams.rules import Claim, Instalments, Quiet, Receipt, Reckoned, Rules, Stated, Stop, Waiver
from app.forms import service as forms

Forms = Mapping[str, forms.Form]

PATHS: Mapping[type, tuple[tuple[str, frozenset[str]], ...]] = {
    Claim: (("answer", frozenset({"money", "number"})), ("due", frozenset({"date", "datetime"}))),
    Receipt: (("answer", frozenset({"list"})),),
    Instalments: (("answer", frozenset({"list"})), ("start", frozenset({"date", "datetime"}))),
    Stop: (("answer", frozenset({"list"})),),
    Waiver: (("answer", frozenset({"money", "number"})),),
    Reckoned: (("start", frozenset({"date", "datetime"})),),
}
"""Which entries name answers (`form.key`), and of which type those are."""
COLUMNS: Mapping[type, tuple[str, ...]] = {
    Receipt: ("day", "amount", "part", "receipt", "surcharge"),
    Instalments: ("day", "amount"),
    Stop: ("first", "last", "cause"),
}
PARAMS: Mapping[type, tuple[str, ...]] = {Claim: ("rate", "cap"), Quiet: ("night_from", "night_until")}
FIELDS: Mapping[type, tuple[str, ...]] = {
    Stated: ("answer", "day"),
    Reckoned: ("answer",),
    Quiet: ("first", "last"),
}
"""Which entries name answers of the form of their own steps."""
VALUES = ("unpaid", "surcharge", "surcharge_left", "days")


def check(rules: Rules, entry: object, loaded: Forms, by_step: Mapping[str, str]) -> Iterator[str]:
    """Chinese reasons why an entry cannot be reckoned; none when it can."""
    kind = type(entry)
    others = bool(getattr(entry, "of", ""))
    for name, types in () if others else PATHS.get(kind, ()):
        path = getattr(entry, name)
        form, _, key = path.partition(".")
        if path and key and not _has(loaded.get(form), key, types):
            yield f"“{path}”不是表单中的{'列表' if 'list' in types else '日期' if 'date' in types else '金额'}栏"
        elif path and not key and form not in loaded:
            yield f"表单“{form}”不存在"
    for name in PARAMS.get(kind, ()):
        if (param := getattr(entry, name)) and not isinstance(rules.params.get(param), int | float):
            yield f"“{param}”不是 params 中的数字"
    columns = _columns(loaded, getattr(entry, "answer", ""))
    for name in () if others else COLUMNS.get(kind, ()):
        if (column := getattr(entry, name)) and column not in columns:
            yield f"“{getattr(entry, 'answer', '')}”没有“{column}”一栏"
    steps = getattr(entry, "steps", None) or (getattr(entry, "step", ""),)
    for name in FIELDS.get(kind, ()):
        for step in steps:
            form = loaded.get(by_step.get(step, ""))
            if (key := getattr(entry, name)) and form and key not in {item.key for item in form.keyed()}:
                yield f"环节“{step}”的表单没有“{key}”一栏"
    if isinstance(entry, Stated) and entry.value not in VALUES:
        yield f"账户没有“{entry.value}”这一项"
    if isinstance(entry, Claim) and (entry.rate != "" and entry.cap == ""):
        yield "按日加收的，应当写明上限（cap）"


def _has(form: forms.Form | None, key: str, types: frozenset[str]) -> bool:
    return form is not None and any(item.key == key and item.type in types for item in form.keyed())


def _columns(loaded: Forms, answer: str) -> set[str]:
    form, _, key = answer.partition(".")
    if form not in loaded:
        return set()
    items = {item.key: item for item in loaded[form].keyed()}
    if not key:
        return set(items)
    return {column.key for column in getattr(items.get(key), "columns", ())}
