"""Which items of a form are shown for given answers. Pure.

Answers of hidden items count as not given; as conditions never form a circle (`reading` refuses them) there
is exactly one consistent state, reached in one pass in dependency order. The browser reaches the same one by
repeating (`app/frontend/src/forms/visibility.js`).
"""

from collections.abc import Mapping
from typing import Any

from .conditions import evaluate
from .definition import Definition, Evidence, Files, Item, Law, Opinion, Party, Person, Right, Rows

Answers = Mapping[str, Any]


def facts(item: Item, answer: Any) -> dict[str, Any]:
    """What conditions and writes see of an answer: plain texts and lists of texts by name.

    The bare key of a composite stands for its telling part: an opinion's stance, a party's name, a law's
    name; that of a table for one `row` per filled row.
    """
    if isinstance(item, (Party, Opinion, Law)):
        parts = answer if isinstance(answer, Mapping) else {}
        telling = {Party: "name", Opinion: "stance", Law: "law"}[type(item)]
        return {fact: parts.get(fact.partition(".")[2] or telling) or None for fact in item.facts}
    if isinstance(item, (Rows, Evidence)):
        return {item.key: ["row"] * len(answer) if isinstance(answer, list) else []}
    if isinstance(item, Files):
        return {item.key: ["file"] * len(answer) if isinstance(answer, list) else []}
    if isinstance(item, Person):
        return {item.key: person_id(answer)}
    return {item.key: answer}


def person_id(answer: Any) -> Any:
    """The id (or ids) in a person's answer, whether raw or validated."""
    if isinstance(answer, list):
        return [person_id(each) for each in answer]
    if isinstance(answer, Mapping):
        return str(answer.get("id") or "") or None
    return answer


def _survey(form: Definition, answers: Answers) -> tuple[set[int], dict[str, Any]]:
    hidden: set[int] = set()
    known: dict[str, Any] = {}
    for index in form.order:
        item = form.items[index]
        shown = form.may(item.key) is not Right.HIDE and (
            not item.visible_when or evaluate(item.visible_when, known)
        )
        if not shown:
            hidden.add(index)
        if item.key:
            known |= facts(item, answers.get(item.key) if shown else None)
    return hidden, known


def hidden_indexes(form: Definition, answers: Answers) -> set[int]:
    """The places in `form.items` of what is not shown, headings and notes included."""
    return _survey(form, answers)[0]


def hidden_keys(form: Definition, answers: Answers) -> set[str]:
    """The keys of the items that are not shown."""
    return {form.items[index].key for index in hidden_indexes(form, answers)} - {""}


def demanded(form: Definition, answers: Answers) -> set[str]:
    """The keys of the items that must be answered here: always, or because their `required_when` holds."""
    known = visible_facts(form, answers) if any(item.required_when for item in form.items) else {}
    return {
        item.key
        for item in form.keyed()
        if form.may(item.key) is Right.WRITE
        and (item.required or (item.required_when is not None and evaluate(item.required_when, known)))
    }


def visible_facts(form: Definition, answers: Answers) -> dict[str, Any]:
    """The facts of all items; those of hidden items are empty."""
    return _survey(form, answers)[1]
