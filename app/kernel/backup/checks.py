"""What the rooms can say of a database: facts for the manifest, and checks after a restore.

A room registers when the application is made (`app/ports.py`). A check returns Chinese sentences, one for
each thing that is wrong; none means well.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from .. import migrations

Check = Callable[[Session], Iterable[str]]
Fact = Callable[[Session], Any]
Files = Callable[[Session], Iterable[str]]

_checks: dict[str, Check] = {}
_keyed: set[str] = set()
_facts: dict[str, Fact] = {}
_references: dict[str, str | Files] = {}
SHOWN = 20
"""Sentences of one check that are told; the rest is counted."""


def register(name: str, check: Check, *, keyed: bool = False) -> None:
    """Do `check(session)` after every restore. `name` is Chinese. `keyed`: it reads sealed data or signatures
    and is left out where the keys are not at hand."""
    _checks[name] = check
    if keyed:
        _keyed.add(name)


def keyed() -> list[str]:
    """The names of the checks that need the keys."""
    return sorted(_keyed)


def register_fact(name: str, fact: Fact) -> None:
    """Write `fact(session)`, a JSON value, into every manifest."""
    _facts[name] = fact


def refer(name: str, files: str | Files) -> None:
    """The files a room's rows refer to: a query that selects their digests, or, where they stand in sealed
    values, a function that reads them. `name` is Chinese."""
    _references[name] = files


def facts(session: Session) -> dict[str, Any]:
    """Every room's facts."""
    return {name: fact(session) for name, fact in _facts.items()}


def referred(session: Session) -> Iterator[tuple[str, str]]:
    """(which rows, digest) of every file the database refers to, each once a room."""
    for name, query in _references.items():
        if not isinstance(query, str):
            yield from ((name, digest) for digest in query(session))
            continue
        rows = session.execute(
            text(f"select distinct digest from ({query}) as found(digest) where length(digest) = 64"),  # noqa: S608
            execution_options={"yield_per": 1000},
        )
        for (digest,) in rows:
            yield name, digest


def run(session: Session, exists: Callable[[str], bool], with_keys: bool = True) -> dict[str, list[str]]:
    """Every check's findings by its name; `exists` tells whether the file with a digest is there."""
    found = {"数据表版本": _schema(session), "文件": _files(session, exists)}
    for name, check in _checks.items():
        if with_keys or name not in _keyed:
            found[name] = _some(check(session))
    return found


def _schema(session: Session) -> list[str]:
    applied = migrations.applied(session.connection())
    unknown = applied - migrations.known()
    return [f"数据表版本 {'、'.join(sorted(unknown))} 由更新版本的平台写成。"] if unknown else []


def _files(session: Session, exists: Callable[[str], bool]) -> list[str]:
    return _some(
        f"{name}引用的文件 {digest} 不存在。" for name, digest in referred(session) if not exists(digest)
    )


def _some(sentences: Iterable[str]) -> list[str]:
    found = list(sentences)
    rest = len(found) - SHOWN
    return [*found[:SHOWN], f"……另有 {rest} 项。"] if rest > 0 else found
