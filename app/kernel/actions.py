"""The named actions a procedure may ask for (`xq:action` on a service task) instead of scripts.

A name listed here is carried out by a subscriber in `app/flow.py`; a diagram with any other name is refused.
"""

from collections.abc import Sequence

ACTIONS = frozenset(
    {
        "supervision.major_reminder",
        "cases.refer",  # the lead becomes a case on the item that the form chose; both name each other
        "diagrams.freeze",  # the draft sent in is what is examined: nobody changes it meanwhile
        "diagrams.thaw",  # back to the analyst, to be changed
        "diagrams.release",  # not to be published; the draft is the analyst's again
        "diagrams.publish",  # exactly the content that was approved becomes a version
        "items.sign",  # who answers for what is reported signs it, with what the validation found
        "items.freeze",  # the draft of a power item that was sent in is what is examined
        "items.thaw",  # back to the agency, to be changed
        "items.release",  # nothing comes of it; the draft stays as a record
        "items.apply",  # the legal office opens its case about what was sent in
        "items.publish",  # exactly what was examined counts from its day on
        "items.reply",  # the legal office's signed opinion goes to the agency that applied
        "orders.freeze",  # the change order that came in is what is examined
        "orders.reply",  # what the legal office has signed: confirmed, it counts from its day on
    }
)

REHEARSED = frozenset(a for a in ACTIONS if a.startswith(("cases.", "diagrams.", "items.", "orders.")))
"""What acts on other cases, drafts or items, which a try does not have: passed over there."""


def carried_out(reached: Sequence[str], *, tried: bool) -> Sequence[str]:
    """Of the actions a step reached, those that are carried out."""
    return tuple(action for action in reached if action not in REHEARSED) if tried else reached
