"""A form in use: read a post, validate answers, compute what it writes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from app.kernel.errors import Invalid

from . import defaults, rights, schema
from .conditions import evaluate
from .context import FormContext
from .definition import (
    Definition,
    Evidence,
    Item,
    Law,
    Money,
    Number,
    Opinion,
    Party,
    Person,
    Right,
    Rows,
    YesNo,
    blank,
)
from .parse import Answers, parse, unknown
from .visibility import demanded, hidden_keys, person_id, visible_facts

_EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True)
class Form(Definition):
    """A definition and what can be done with it. Made by `service.load`, shared by all threads."""

    def at(self, step: str, node: str) -> "Form":
        """The form as a node of a legal step uses it, with that step's rights in force."""
        restricted = rights.in_force(self.rights, step, node)
        return replace(self, restricted=restricted) if restricted else self

    def settled(self, answers: Mapping[str, Any], context: FormContext) -> Mapping[str, Any]:
        """The answers with what this step may not write: from the case where it may be read, else nothing.

        The case is asked only by a form that shows something of it.
        """
        if not self.restricted:
            return answers
        settled = Answers({k: v for k, v in answers.items() if k not in self.restricted})
        settled.errors = dict(getattr(answers, "errors", {}))
        settled.adding = getattr(answers, "adding", "")
        if Right.READ in self.restricted.values():
            case = context.case()
            for key, right in self.restricted.items():
                if right is Right.READ and (known := _known(self.item(key), _at(case, self.prefill[key]))):
                    settled[key] = known
        return settled

    def parse(
        self,
        post: MultiDict[str, str],
        files: MultiDict[str, FileStorage] | None = None,
        scope: str = "",
    ) -> Answers:
        """The answers in an HTML post, not yet validated; good uploads are stored on the way.

        Raises:
            Invalid: code `unknown_field`, `repeated_field`, `too_large` or `forged_file`.
        """
        return parse(self, post, files if files is not None else MultiDict(), scope)

    def hidden(self, answers: Mapping[str, Any]) -> set[str]:
        """The keys of the items that these answers hide."""
        return hidden_keys(self, answers)

    def validate(self, answers: Mapping[str, Any], context: FormContext) -> dict[str, Any]:
        """Clean, JSON-able data with every key of the form; hidden and empty items are blank.

        `answers` come from `parse`, `load_draft` or `prefilled`: a file in them counts as ours.

        Raises:
            Invalid: `errors` by control name; code `unknown_field` when a key is not of this form.
        """
        items = {item.key: item for item in self.keyed()}
        for key in answers:
            if key not in items:
                raise unknown(str(key))
        answers = self.settled(answers, context)
        hidden = self.hidden(answers)
        asked = demanded(self, answers)
        shown = {key: value for key, value in answers.items() if key not in hidden and value not in _EMPTY}
        told = {key: value for key, value in shown.items() if key in self.restricted}
        given = {key: value for key, value in shown.items() if key not in told}
        for key, item in items.items():
            # asked part by part, so that the messages stand at the parts and not at their frame
            if isinstance(item, (Party, Opinion, Law)) and key in asked and key not in hidden:
                given.setdefault(key, {})
        data, errors = schema.load(schema.build(self, hidden, asked, context), given)
        data |= told
        for name, messages in getattr(answers, "errors", {}).items():
            if name.partition(".")[0] not in hidden:
                errors.setdefault(name, []).extend(messages)
        if errors:
            raise Invalid(f"有 {len(errors)} 处需要修改。", errors=self._in_order(errors))
        return {key: data.get(key, blank(item)) for key, item in items.items()}

    def _in_order(self, errors: Mapping[str, list[str]]) -> dict[str, list[str]]:
        place = {item.key: index for index, item in enumerate(self.items) if item.key}

        def rank(name: str) -> tuple[int, int]:
            key, _, rest = name.partition(".")
            row = rest.partition(".")[0]
            return place.get(key, -1), int(row) if row.isdigit() else -1

        return {name: errors[name] for name in sorted(errors, key=rank)}

    def routing(self, data: Mapping[str, Any]) -> dict[str, bool | int | float | str]:
        """What validated data writes into the routing attributes of the case.

        An amount that was not given (or is hidden) writes 0 and a yes/no False, so that a second run of the
        step leaves nothing of the first; a choice that was not given writes nothing.
        """
        facts = visible_facts(self, data)
        written: dict[str, bool | int | float | str] = {}
        for write in self.writes:
            if write.when is not None:
                written[write.attribute] = evaluate(write.when, facts)
                continue
            item, value = self.owner(write.fact), facts.get(write.fact)
            if isinstance(item, YesNo):
                written[write.attribute] = value == "yes"
            elif isinstance(item, (Number, Money)):
                written[write.attribute] = _number(value)
            elif value:
                written[write.attribute] = str(value)
        return written

    def prefilled(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Answers to begin with: the form's `prefill` paths looked up in a case's context, else its defaults."""
        answers = {}
        for item in self.keyed():
            if item.key in self.restricted:
                continue
            path = self.prefill.get(item.key)
            value = as_answer(item, _at(context, path)) if path else None
            if value in _EMPTY:
                value = defaults.answer(item, str(context.get("today", "")))
            if value not in _EMPTY:
                answers[item.key] = value
        return answers


def _at(context: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path of a case's context; None where it leads nowhere."""
    value: Any = context
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, (list, tuple)) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _known(item: Item, value: Any) -> Any:
    """A value of the case to be read in a form, as it was stored; None when it has not the item's shape."""
    if as_answer(item, value) in _EMPTY:
        return None
    return value if isinstance(item, Person) else as_answer(item, value)


def _number(value: Any) -> int | float:
    if value in (None, ""):
        return 0
    number = float(value)
    return int(number) if number.is_integer() else number


def as_answer(item: Item, value: Any) -> Any:
    """A value of a case's context in the shape of an answer; None when it does not fit."""
    shape = blank(item)
    if value is None:
        return None
    if isinstance(item, Person):
        return person_id(value)
    if isinstance(item, (Rows, Evidence)):
        names = {c.key for c in item.columns} if isinstance(item, Rows) else None
        if not isinstance(value, (list, tuple)):
            return None
        rows = [row for row in value if isinstance(row, Mapping)]
        return [{k: v for k, v in row.items() if names is None or k in names} for row in rows]
    if isinstance(shape, list):
        return list(value) if isinstance(value, (list, tuple)) else None
    if shape is None and not isinstance(item, Number):
        if not isinstance(value, Mapping):
            return None
        parts = [fact.partition(".")[2] for fact in item.facts[1:]]
        return {part: str(value[part]) for part in parts if value.get(part)}
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if isinstance(value, (Mapping, list, tuple)) else str(value)
