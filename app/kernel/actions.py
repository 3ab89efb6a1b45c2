"""The named actions a procedure may ask for (`xq:action` on a service task) instead of scripts.

A name listed here is carried out by a subscriber in `app/flow.py`; a diagram with any other name is refused.
"""

ACTIONS = frozenset({"supervision.major_reminder"})
