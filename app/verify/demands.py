"""What a rule of law demands of the order of steps, as values.

A demand names steps by their tags (`xq:step`; `decide.*` stands for every tag below `decide`) and conditions
over attributes in the language of flow conditions. A demand whose condition names an attribute that the
procedure does not declare cannot be decided; several wordings may be offered, the first whose attributes are
all declared is taken. `search` decides every demand in one pass over the states; `monitor` runs the same ones
along a live case.
"""

from dataclasses import dataclass

Tags = tuple[str, ...]
Wordings = tuple[str, ...]
"""The same condition in other attributes: the first that the procedure can express is taken."""


@dataclass(frozen=True, slots=True)
class Before:
    """¬`target` W `needs`: no step of `target` (while `when` holds as it begins) unless one of `needs` has been
    completed with `passed` holding after it, and since then none of `voids`.

    `needs` may also be fulfilled by an event that ends a wait: give the tag of the catching event.
    """

    target: Tags
    needs: Tags
    passed: Wordings = ()
    when: Wordings = ()
    voids: Tags = ()


@dataclass(frozen=True, slots=True)
class After:
    """G(`trigger` → F `then`): once a step of `trigger` is completed with `when` holding after it, one of
    `then` is completed before the case ends. Loops are taken to be left some time."""

    trigger: Tags
    then: Tags
    when: Wordings = ()


@dataclass(frozen=True, slots=True)
class Never:
    """No step of `target` begins while `when` holds."""

    target: Tags
    when: Wordings = ()


@dataclass(frozen=True, slots=True)
class NeverAfter:
    """G(`first` → G ¬`then`): nothing of `then` begins once a step of `first` is completed (with `when`
    holding after it), unless one of `voids` is completed in between."""

    first: Tags
    then: Tags
    when: Wordings = ()
    voids: Tags = ()


Demand = Before | After | Never | NeverAfter


def matches(tag: str, patterns: Tags) -> bool:
    """Whether a tag is one of `patterns`."""
    return bool(tag) and any(tag == p or (p.endswith(".*") and tag.startswith(p[:-1])) for p in patterns)
