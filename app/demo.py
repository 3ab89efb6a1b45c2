"""The demo city: which rooms bring demonstration data, in order. Loaded once, by `script/server`.

A loader is called with the session inside one act. What it returns, if anything, are the accounts to show
at the terminal: (sign-in name, password, who that is).
"""

import importlib
import importlib.util
from collections.abc import Sequence

from sqlalchemy.orm import Session

from .kernel import facts

LOADERS: Sequence[tuple[str, str]] = (
    ("app.people.demo", "load"),
    ("app.cases.demo", "load"),
)


def load(session: Session) -> bool:
    """Load what is not there yet; False when everything was."""
    loaded = set(facts.get(session, "demo.loaded") or [])
    accounts = list(facts.get(session, "demo.accounts") or [])
    todo = [(module, name) for module, name in LOADERS if f"{module}:{name}" not in loaded]
    for module, name in todo:
        if importlib.util.find_spec(module.rpartition(".")[0]) is None:
            continue
        accounts += [
            list(account) for account in getattr(importlib.import_module(module), name)(session) or ()
        ]
        loaded.add(f"{module}:{name}")
    facts.put(session, "demo.loaded", sorted(loaded))
    facts.put(session, "demo.accounts", accounts)
    return bool(todo)
