"""Batches of running cases in a town of one's own: propose, look, decide, and let the workers work."""

import dataclasses
import itertools
import secrets
from datetime import timedelta

from sqlalchemy import func, select

from app.cases import moving, moving_preview
from app.cases.demo import Drive
from app.cases.models import Case, Move, MoveBatch
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.kernel import clock, jobs
from app.people import service as people

from .town import Town, actor, plan_of

AGENCY = "370400-04"


APPROVED = diagrams.approved(1, "枣司案〔2026〕1号")
_serial = itertools.count(1)


def publish(town: Town, new: bundles.Bundle) -> int:
    """Publish a bundle as a version of its own, past the gate, whatever was published before; the version's id."""
    rules = {**new.rules, "name": f"{new.rules['name']}（{next(_serial)}）"}
    stamped = dataclasses.replace(new, rules=rules)
    stamped = dataclasses.replace(stamped, digest=bundles.named(stamped))
    with town.act() as session:
        return diagrams.publish(session, stamped, lambda *_: [], APPROVED).id


def open_cases(town: Town, *untils: str) -> list[int]:
    """A case on the newest version for each of these tasks, waiting there."""
    with town.act() as session:
        return [Drive(session, plan_of("stone-mill")).run(until) for until in untils]


def key() -> str:
    """A request's own key."""
    return secrets.token_hex(16)


def propose(
    town: Town, login: str, target: int, *, source: int | None = None, reason: str = "更正", key: str = ""
) -> int:
    """Propose a batch for the agency of the demo cases; its number."""
    with town.act() as session:
        agency = people.agency_id_of(session, AGENCY)
        first = source or session.scalar(select(func.min(Case.procedure_id)).where(Case.status == "open"))
        found = moving.propose(
            session, actor(session, login), agency, first, target, reason, key or secrets.token_hex(16)
        )
        session.flush()
        return found.id


def release(town: Town, login: str, number: int, decision: str = "同意迁移。") -> None:
    town.do(moving.release, login, number, decision)


def revert(town: Town, login: str, number: int) -> int:
    """Propose that a batch goes back; the number of the new one."""
    with town.act() as session:
        found = moving.propose_revert(session, actor(session, login), number, "新版本的名称有误。", key())
        session.flush()
        return found.id


def run(town: Town) -> None:
    """Let a worker do the database work that is due."""
    with town.app.app_context():
        while jobs.run_due(clock.now() + timedelta(seconds=1)):
            pass


def finish(town: Town) -> None:
    """Let a worker do the leased work that is due."""
    with town.app.app_context():
        while jobs.run_effects(clock.now() + timedelta(seconds=1)):
            pass


def look(town: Town, login: str, number: int) -> moving_preview.Preview:
    with town.read() as session:
        found = moving_preview.preview(session, actor(session, login), number)
        session.expunge(found.batch)
        return found


def batch(town: Town, number: int) -> MoveBatch:
    with town.read() as session:
        found = session.get_one(MoveBatch, number)
        session.expunge(found)
        return found


def moves(town: Town, number: int) -> dict[int, str]:
    with town.read() as session:
        chosen = select(Move.case_id, Move.status).where(Move.batch_id == number).order_by(Move.case_id)
        return dict(session.execute(chosen).tuples().all())
