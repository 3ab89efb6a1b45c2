"""The named actions a procedure may ask for (`xq:action` on a service task) instead of scripts.

A name listed here is carried out by a subscriber in `app/flow.py`; a diagram with any other name is refused.
"""

ACTIONS = frozenset(
    {
        "supervision.major_reminder",
        "diagrams.freeze",  # the draft sent in is what is examined: nobody changes it meanwhile
        "diagrams.thaw",  # back to the analyst, to be changed
        "diagrams.release",  # not to be published; the draft is the analyst's again
        "diagrams.publish",  # exactly the content that was approved becomes a version
    }
)
