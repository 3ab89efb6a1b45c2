"""Writes `app/kernel/data/sealed_1.txt`, the words with which sealed values are deflated.

Run once, before the format was released; the file never changes any more (`test_sealed` holds its digest).
It is kept to say where the words come from, and for the next format:

    python tests/kernel/build_dictionary.py > words.txt

What is nearest to the end is the cheapest to refer to: first phrases of the forms and of the demo cases by what
they spare, then one skeleton for each form (its keys in order, with chosen values kept and texts left out).
The demo case `stone-mill` is left out: it measures what a case not yet seen shrinks to.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "procedures")]
HELD_OUT = "stone-mill"
BUDGET = 9_000
"""Bytes of phrases, in UTF-8."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d)?")


def texts(value: Any) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str) and value:
        yield value


def told(definition: Any, names: tuple[str, ...]) -> Iterator[str]:
    """What a form's definition says under these names."""
    if isinstance(definition, dict):
        for name, value in definition.items():
            if name in names:
                yield from texts(value)
            yield from told(value, names)
    elif isinstance(definition, list):
        for each in definition:
            yield from told(each, names)


def skeleton(value: Any, kept: set[str]) -> Any:
    """A value without its own texts: chosen ones stay, moments keep their century."""
    if isinstance(value, dict):
        return {name: skeleton(each, kept) for name, each in value.items()}
    if isinstance(value, list):
        rows: list[Any] = []
        for each in value:
            if (row := skeleton(each, kept)) not in rows:
                rows.append(row)
        return rows[:4]
    if isinstance(value, str):
        return "202" if MOMENT.fullmatch(value) else value if value in kept else ""
    return value


def phrases(corpus: list[str]) -> list[str]:
    """The phrases that spare most, the best one last."""
    counted: Counter[str] = Counter()
    for text in corpus:
        counted.update({text[i : i + n] for n in range(2, 25) for i in range(len(text) - n + 1)})
    candidates = [(text, times) for text, times in counted.items() if times > 1 and len(text.encode()) > 4]
    candidates.sort(key=lambda pair: (-(pair[1] - 1) * (len(pair[0].encode()) - 3), pair[0]))
    chosen: list[str] = []
    size = 0
    for text, _ in candidates:
        if size >= BUDGET:
            break
        if not any(text in longer for longer in chosen):
            chosen.append(text)
            size += len(text.encode())
    return chosen[::-1]


def build() -> str:
    """The dictionary as text."""
    import penalty_story

    from app.cases import demo_content

    definitions = [json.loads(path.read_text("utf-8")) for path in sorted((ROOT / "forms").glob("*.json"))]
    kept = {"agree", "disagree", "amend", "yes", "no", "organisation", "person"}
    kept.update(told(definitions, ("options",)))
    stories = [case["id"] for case in demo_content.content()["cases"] if case["id"] != HELD_OUT]
    handed_in = [(act.node.form, act.data) for story in stories for act in penalty_story.tell(story)]
    corpus = sorted({text for _, data in handed_in for text in texts(data) if not MOMENT.fullmatch(text)})
    corpus += sorted(set(told(definitions, ("label", "help", "title"))))
    skeletons: dict[str, Counter[str]] = {}
    for form, data in handed_in:
        spelled = orjson.dumps(skeleton(data, kept), option=orjson.OPT_SORT_KEYS).decode()
        skeletons.setdefault(form, Counter())[spelled] += 1
    return "".join(phrases(corpus)) + "".join(found.most_common(1)[0][0] for found in skeletons.values())


if __name__ == "__main__":
    print(build())
