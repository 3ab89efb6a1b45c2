"""Record the histories of the state format that today's engine writes.

    python -m tests.histories.record

Run once, when a new format is about to be released; a folder that is there is never written again.
"""

import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from unittest import mock

from app import create_app, tables
from app.cases import demo, demo_content
from app.cases.models import Case
from app.diagrams import service as diagrams
from app.engine import service, state
from app.engine.parser import build
from app.kernel import postgres
from app.kernel.db import db
from app.kernel.transaction import transaction
from app.people import demo as people_demo

from ..engine.diagrams import Diagram, Run
from .history import FOLDER, History, Recorder, digest, save

JOURNEYS = {"main": "stone-mill", "refusal": "shop-front", "hearing": "road-digger"}
FUNCTIONS = ("start", "complete", "register", "refresh")


@contextmanager
def recording() -> Iterator[Recorder]:
    """Every call of the engine is written down meanwhile."""
    recorder = Recorder()
    with mock.patch.multiple(
        service, **{name: recorder.wrap(name, getattr(service, name)) for name in FUNCTIONS}
    ):
        yield recorder


def features() -> Diagram:
    """What the shipped procedures do not have all of: a sub-process, both joins, an event gateway, boundary
    events that interrupt and that do not, a loop."""
    d = Diagram().start().users("first", "left", "right", "any1", "any2", "late", "last", "remind").end()
    d.add("exclusiveGateway", "again", default="back").parallel("fork", "join").inclusive("some", "meet")
    d.add("exclusiveGateway", "more", default="on").xor("over")
    d.add("eventBasedGateway", "wait").message("reply").timer("silence", "10d")
    with d.sub("inner", xq_step="inner.done"):
        d.start("si").users("inside").end("ei").chain("si", "inside", "ei")
    d.boundary_timer("reminder", "left", "2d", interrupting=False).boundary_timer("expired", "right", "9d")
    d.chain("s", "again").chain("first", "fork", "left", "join").chain("fork", "right", "over", "join")
    d.chain("join", "some").chain("any1", "meet").chain("any2", "meet").chain("meet", "inner", "wait")
    d.chain("wait", "reply", "more").chain("wait", "silence", "late", "more").chain("reminder", "remind")
    d.chain("expired", "over")
    d.flow("again", "first", ident="back")
    d.flow("some", "any1", "rate > 0")
    d.flow("some", "any2", "both")
    d.flow("more", "again", "rounds > 0")
    d.flow("more", "last", ident="on")
    return d.add("endEvent", "e2").chain("remind", "e2").chain("last", "e")


def walked(name: str, seed: int) -> History:
    """A random walk over the diagram of features, waiting now and then."""
    xml = features().xml()
    with recording() as recorder:
        run, dice = Run(xml, rate=Decimal("1.50"), both=True, rounds=3), random.Random(seed)
        while not run.last.finished and len(recorder.calls) < 60:
            if not run.last.live or dice.random() < 0.2:
                run.wait(days=dice.choice((1, 3, 10)))
            else:
                left = 3 - sum(call.task != "" for call in recorder.calls) // 9
                run.do(dice.choice(run.live), rounds=max(0, left), both=dice.random() < 0.7)
    return History(name, xml, recorder.calls)


def journeys() -> Iterator[History]:
    """The three journeys of the demonstration, through the acts officers use."""
    folder = Path(tempfile.mkdtemp(prefix="xq-"))
    folder.chmod(0o711)
    try:
        with postgres.running(folder, ("-c", "fsync=off")) as address:
            app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": address})
            with app.app_context(), transaction() as session:
                tables.load().metadata.create_all(session.connection())
                people_demo.load_demo(session)
                demo.prepare(session)
                for name, case in JOURNEYS.items():
                    with recording() as recorder:
                        case_id = demo.Drive(session, demo_content.case_of(case)).run()
                    ran_on = diagrams.procedure(session, session.get_one(Case, case_id).procedure_id)
                    yield History(name, ran_on.whole, recorder.calls)
            with app.app_context():
                db.engine.dispose()
    finally:
        shutil.rmtree(folder)


def main() -> int:
    """Record everything into the folder of the current format."""
    folder = FOLDER / str(state.CURRENT)
    if folder.exists() and any(folder.iterdir()):
        print(f"{folder} is there already: a released format's histories never change", file=sys.stderr)
        return 1
    folder.mkdir(exist_ok=True)
    for history in [*journeys(), walked("features-1", 1), walked("features-2", 2)]:
        build(history.name, service.Source(history.diagram))
        save(history, folder)
        print(f"{history.name}: {len(history.calls)} calls, finished: {history.calls[-1].finished}")
    print(f"digest for tests/histories/digests.json: {digest(folder)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
