"""The demo city: which rooms bring demonstration data, in order. Loaded once, by `script/server`.

A loader is called with the session inside one act. The accounts to show at the terminal are kept as a fact,
so that the supervising process can print them without loading the application.
"""

import importlib
import importlib.util
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from .kernel import facts

LOADERS: Sequence[tuple[str, str]] = (
    ("app.people.service", "load_demo"),
    ("app.people.demo", "load_training"),
    ("app.cases.demo", "load"),
)
PEOPLE = "app.people.demo"
"""Where the demonstration accounts and their one password are listed."""


def load(session: Session) -> bool:
    """Load what is not there yet; False when everything was."""
    loaded = set(facts.get(session, "demo.loaded") or [])
    news = False
    for module, name in LOADERS:
        loader = f"{module}:{name}"
        if loader in loaded or not _exists(module):
            continue
        getattr(importlib.import_module(module), name)(session)
        loaded.add(loader)
        news = True
    facts.put(session, "demo.loaded", sorted(loaded))
    facts.put(session, "demo.accounts", accounts(session))
    return news


def accounts(session: Session) -> list[list[str]]:
    """Sign-in name, password, and who that is, of every demonstration account; those with which a visitor sees
    most come first."""
    if not _exists(PEOPLE):
        return []
    people = importlib.import_module(PEOPLE)
    session.flush()
    names = dict(session.execute(text("select key, name from position")).tuples().all())
    first = list(people.SHOWN)
    ordered = sorted(
        people.demo_accounts(), key=lambda a: first.index(a.login) if a.login in people.SHOWN else len(first)
    )
    return [
        [
            account.login,
            people.password(),
            f"{account.agency} "
            + (
                people.SHOWN.get(account.login)
                or "、".join(names.get(key, key) for key in account.positions)
                or "、".join(account.roles)
            ),
        ]
        for account in ordered
    ]


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
