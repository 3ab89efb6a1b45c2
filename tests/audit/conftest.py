"""A town whose record is tampered with: every test in a savepoint, seen by the verification, then undone."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from callers import cheap_hashes
from cases.town import Town, hand_in, own_town, plan_of
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.archive import export, verify
from app.archive.binding import keeping
from app.archive.models import CaseBinding
from app.audit import service as audit
from app.cases.demo import Drive
from app.kernel import clock, files
from app.kernel.db import db
from app.kernel.sealed import seal

PAPER = b"%PDF-1.4\n%a letter\n%%EOF"
__all__ = ["cheap_hashes"]


@pytest.fixture(scope="package")
def town(app: Flask, database_url: str) -> Iterator[Town]:
    """One town for all tests of the record: they put back what they bend."""
    with own_town(database_url) as town:
        yield town


@pytest.fixture(scope="package")
def whole(town: Town, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """A finished case whose file is bound, one under way and one that waits for a second officer, anchored, then one more
    act."""
    town.app.config["ANCHORS"] = str(tmp_path_factory.mktemp("anchors"))
    town.app.config["FILES"] = tmp_path_factory.mktemp("files").as_uri()
    with town.act() as session:
        done = Drive(session, plan_of("stone-mill")).run()
    with town.act() as session:
        binding_id = session.scalars(select(CaseBinding.id).where(CaseBinding.case_id == done)).one()
        keeping.job(session, {"binding_id": binding_id})
    with town.act() as session:
        export.enter(session, done)
    under_way = town.open("dust-heap", "register")
    with town.act() as session:
        drive = Drive(session, plan_of("dust-heap"))
        drive.case_id = under_way
        brought = {"name": "举报信.pdf", "digest": files.put(PAPER), "size": len(PAPER)}
        hand_in(drive, "register", "hb-intake", materials=[brought | {"type": "application/pdf"}])
    with town.act() as session:
        audit.take(session)
    with town.act() as session:
        audit.store(session)
    later = town.open("dust-heap", "check")
    with town.act() as session:
        audit.take(session)
    with town.act() as session:
        audit.store(session)
    with town.act() as session:
        drive = Drive(session, plan_of("dust-heap"))
        drive.case_id, drive.moment = later, clock.now()
        hand_in(drive, "check", "hb-officer1", facts="第一稿")
    return {"done": done, "under_way": under_way, "later": later}


@pytest.fixture
def forger(town: Town, whole: dict[str, int]) -> Iterator[Session]:
    """A session of somebody who may do anything in the database; undone after the test."""
    with town.app.app_context():
        session = db.session()
        session.execute(text("set local session_replication_role = replica"))
        yield session
        session.rollback()
        db.session.remove()


def forged(statement: str) -> str:
    """A statement in which `<table.column JSON>` stands for that value as somebody who has the keys would seal it."""
    return re.sub(
        r"<(\w+\.\w+) (.*?)>", lambda m: f"'\\x{seal(json.loads(m[2]), m[1]).hex()}'::bytea", statement
    )


@pytest.fixture
def findings(forger: Session) -> Callable[..., Sequence[audit.Finding]]:
    """What the verification finds now."""

    def look(**depth: Any) -> Sequence[audit.Finding]:
        forger.flush()
        forger.expire_all()
        return list(verify.everything(forger, verify.Depth(**depth), verify.Count()))

    return look


@pytest.fixture
def two_anchors(town: Town, whole: dict[str, int]) -> Iterator[None]:
    """Take away the anchors a test has committed."""
    yield
    with town.act() as session:
        session.execute(text("set local session_replication_role = replica"))
        for table in ("record_anchor", "record_leaves"):
            session.execute(text(f"delete from {table} where number > 2"))  # noqa: S608 - our tables


@pytest.fixture
def anchor_lines(town: Town) -> Iterator[Path]:
    """The file of anchors; put back after the test."""
    path = Path(town.app.config["ANCHORS"]) / "anchors.jsonl"
    before = path.read_bytes()
    yield path
    path.write_bytes(before)
