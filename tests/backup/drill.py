"""A city at work on a server of its own, backed up while it works: what the drills restore."""

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import time as hour
from pathlib import Path

import psycopg
from cases.town import Town, plan_of
from flask import Flask

from app import create_app
from app.cases import demo, demo_content
from app.cases.demo import Drive
from app.cases.models import Case, Submission
from app.diagrams import service as diagrams
from app.documents import service as documents
from app.kernel import clock, migrations, postgres
from app.kernel.backup import checks, service, wal
from app.kernel.backup.manifest import Kind, Manifest
from app.kernel.backup.place import Place
from app.kernel.backup.take import Source, take
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.transaction import transaction
from app.people import demo as people_demo

SMALL = ("-c", "fsync=off", "-c", "shared_buffers=32MB", "-c", "max_wal_size=64MB")
WRITERS = 3
Rows = dict[str, list[str]]


def eventually(truth: Callable[[], object], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)


def short_folder() -> Path:
    """A folder the server's own account can enter."""
    folder = Path(tempfile.mkdtemp(prefix="xq-"))
    folder.chmod(0o711)
    return folder


@contextmanager
def opened(address: str, files: Path) -> Iterator[Flask]:
    """The application on a database, with its files in a folder."""
    app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": address, "FILES": files.as_uri()})
    diagrams._cache.clear()  # ids of another database
    try:
        yield app
    finally:
        diagrams._cache.clear()
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@dataclass
class Journey:
    """One case driven act by act, each act a transaction of its own."""

    town: Town
    drive: Drive | None = None
    keys: list[str] = field(default_factory=list)

    def act(self) -> None:
        """Open the case, or do its next task and render its newest document. A case that has to wait for a term of the law
        is left where it is, and the next one opened."""
        try:
            self._act()
        except Refused:
            if self.drive is None:
                raise
            self.drive = None
            self._act()

    def _act(self) -> None:
        with self.town.act() as session:
            if self.drive is None:
                drive = Drive(session, plan_of("dust-heap"))
                drive.open()
                self.drive = drive
                return
            self.drive.session = session
            node = self.drive.next_node("")
            if node is None:
                self.drive = None
                return
            day = demo_content.next_weekday(self.drive.moment.date())
            self.drive.moment = datetime.combine(day, hour(10), clock.CHINA)
            self.drive.do(node)
            issued = documents.of_case(session, self.drive.case_id)
            if issued and issued[-1].pdf_digest is None:
                documents.pdf(session, issued[-1])


class Writers:
    """Threads that drive cases, and can be held between two acts."""

    def __init__(self, town: Town):
        self.town = town
        self.acts = 0
        self.errors: list[BaseException] = []
        self.journeys = [Journey(town) for _ in range(WRITERS)]
        self._go, self._end = threading.Event(), threading.Event()
        self._busy = [threading.Lock() for _ in range(WRITERS)]
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(WRITERS)]
        for thread in self._threads:
            thread.start()

    def _run(self, n: int) -> None:
        while not self._end.is_set():
            if not self._go.wait(0.05):
                continue
            with self._busy[n]:
                if self._go.is_set():
                    try:
                        self.journeys[n].act()
                        self.acts += 1
                    except BaseException as error:
                        self.errors.append(error)
                        return

    def go(self) -> None:
        self._go.set()

    def hold(self) -> None:
        """Return when every act under way has committed."""
        self._go.clear()
        for lock in self._busy:
            with lock:
                pass

    def work(self, acts: int) -> None:
        """Let them do so many more acts."""
        wanted = self.acts + acts
        self.go()
        eventually(lambda: self.acts >= wanted or self.errors)
        assert not self.errors, self.errors

    def close(self) -> None:
        self.hold()
        self._end.set()
        for thread in self._threads:
            thread.join(30)


@dataclass(frozen=True)
class Drilled:
    """What is left when the machine is gone: the place, and what is known of the city."""

    place: Place
    full: Manifest
    incremental: Manifest
    moment: datetime
    at_moment: Rows
    end: datetime
    at_end: Rows
    acts: int
    case_id: int
    """A case under way at the moment."""


@contextmanager
def fresh_home() -> Iterator[Path]:
    """A home to restore into, removed afterwards."""
    folder = short_folder()
    try:
        yield folder / "home"
    finally:
        shutil.rmtree(folder)


@contextmanager
def run() -> Iterator[Drilled]:
    """The whole drill up to the destruction; the place is removed afterwards."""
    root = short_folder()
    home, place = root / "home", Place(root / "place")
    files = home / "files"
    beside = service.archiver_of(place.folder, home, files.as_uri())
    supervisor = postgres.Supervisor(home, SMALL, beside=beside)
    try:
        address = supervisor.start()
        with opened(address, files) as app:
            drilled = _work(app, address, supervisor, home, place)
        _destroy(supervisor, home)
        yield drilled
    finally:
        supervisor.stop()
        shutil.rmtree(root, ignore_errors=True)


def _work(app: Flask, address: str, supervisor: postgres.Supervisor, home: Path, place: Place) -> Drilled:
    town = Town(app)
    with app.app_context():
        migrations.upgrade(db.engine)
        with transaction() as session:
            people_demo.load_demo(session)
            demo.prepare(session)
    writers = Writers(town)
    try:
        writers.work(6)  # and they go on
        full = _take(app, address, supervisor, home, place, Kind.FULL)
        writers.work(3)
        incremental = _take(app, address, supervisor, home, place, Kind.INCREMENTAL)
        writers.work(6)
        writers.hold()
        moment, at_moment = datetime.now(UTC), town.rows()
        under_way = next(j.drive.case_id for j in writers.journeys if j.drive)
        _switch(address)  # so that a whole segment lies between the backup and the end
        writers.work(6)
        writers.hold()
        end, at_end = datetime.now(UTC), town.rows()
        assert not writers.errors
    finally:
        writers.close()
    eventually(lambda: (r := wal.reached(place.wal)) and min(r.moment, r.files) > end)
    return Drilled(place, full, incremental, moment, at_moment, end, at_end, writers.acts, under_way)


def _take(
    app: Flask, address: str, supervisor: postgres.Supervisor, home: Path, place: Place, kind: Kind
) -> Manifest:
    assert supervisor.cluster
    with app.app_context():
        with db.engine.connect() as connection:
            revision = sorted(migrations.applied(connection))
        facts = checks.facts(db.session())
        db.session.remove()
    source = Source(address, supervisor.cluster.sockets, home, app.config["FILES"], revision, facts)
    return take(place, source, kind)


def _switch(address: str) -> None:
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("select pg_switch_wal()")


def _destroy(supervisor: postgres.Supervisor, home: Path) -> None:
    """The machine burns: no orderly end, nothing left of the home."""
    assert supervisor.child
    os.kill(supervisor.child.pid, signal.SIGKILL)
    assert supervisor.beside
    assert supervisor.beside.child
    os.kill(supervisor.beside.child.pid, signal.SIGKILL)
    supervisor.child.wait()
    supervisor.stop()
    shutil.rmtree(home)


def resumed(town: Town, case_id: int) -> Journey:
    """Go on with a case somebody else began."""
    journey = Journey(town)
    with town.read() as session:
        drive = Drive(session, plan_of("dust-heap"))
        case = session.get_one(Case, case_id)
        drive.case_id = case_id
        drive.agency_id = case.agency_id
        newest = session.query(Submission).filter_by(case_id=case_id).order_by(Submission.id.desc()).first()
        drive.moment = (newest.at if newest else case.opened_at).astimezone(clock.CHINA)
        for each in session.query(Submission).filter_by(case_id=case_id):
            drive.filled[each.form] = drive.filled.get(each.form, 0) + 1
    journey.drive = drive
    return journey
