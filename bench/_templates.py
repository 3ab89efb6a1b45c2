"""The cases the generator starts from: real ones, driven by the engine to different tasks at different agencies,
by different officers, opened on different days."""

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
import yaml
from sqlalchemy.orm import Session

from app.cases import demo, demo_content
from app.catalogue import service as catalogue
from app.deadlines import service as deadlines
from app.kernel import clock
from app.kernel.settings import ROOT
from app.kernel.transaction import transaction
from app.people import service as people

from ._copies import copied

ORGANISATION, PERSON = "dust-heap", "rubble-field"
AGENCIES = {
    "370400-04": 40, "370400-02": 20, "370400-03": 15, "370400-07": 10, "370402-03": 8, "370402-02": 4,
    "370403-02": 2, "370402101": 0.9, "370402006": 0.09, "370403104": 0.01,
}  # fmt: skip
"""Agencies and their share of the cases in percent: some inboxes are endless, some nearly empty."""
NODES = {
    "register": 18, "check": 34, "file_review": 18, "invest_plan": 6, "investigate": 10, "lead_review": 10,
    "party_response": 4,
}  # fmt: skip
"""Where the cases wait, in the order in which a case comes there, and how many of a hundred."""
RIPE = "party_response"
"""Cases at this task wait for a timer of the procedure."""
WEEKS = 8
"""How long ago the oldest were opened."""


@dataclass(frozen=True, slots=True)
class Template:
    """A driven case and the share of all copies that are made of it."""

    case_id: int
    node: str
    share: float


def prepare(session: Session) -> None:
    """Give every agency of the data something to do."""
    source = ROOT / "app" / "catalogue" / "data" / "demo_items.yaml"
    items = yaml.safe_load(source.read_text(encoding="utf-8"))["items"]
    for code in AGENCIES:
        agency = people.agency_id_of(session, code)
        for case in (ORGANISATION, PERSON):
            wanted = demo_content.case_of(case)["item"]  # the range of its fines is what the gates hold it to
            catalogue.add(session, agency, next(i for i in items if i["code"] == wanted))


def drive(connection: psycopg.Connection, variants: int, agencies: int | None = None) -> Iterator[Template]:
    """Templates for every agency and task, so many times each in another way; `agencies` takes the first few.

    One case is driven through all tasks, and a copy of it stays behind at each.
    """
    chance = random.Random(2026)  # noqa: S311 - the same data every time
    for agency in list(AGENCIES)[:agencies]:
        for variant in range(variants):
            with transaction() as session:
                drive = _begun(session, chance, agency, variant)
            for node, parts in NODES.items():
                with transaction() as session:
                    drive.session = session
                    _until(drive, node)
                case_id = drive.case_id if node == RIPE else copied(connection, drive.case_id)
                yield Template(case_id, node, AGENCIES[agency] * parts / variants)


def _begun(session: Session, chance: random.Random, agency: str, variant: int) -> demo.Drive:
    drive = demo.Drive(session, _plan(session, chance, agency))
    for position, group in drive.officers.items():
        if position == "investigator":  # who holds no valid certificate stands last
            group[:] = [o for o in group if people.officer(session, o[0], clock.today()).certificates]
        turn = variant % len(group)
        group[:] = group[turn:] + group[:turn]
    drive.open()
    return drive


def _until(drive: demo.Drive, node: str) -> None:
    while (following := drive.next_node(node)) is not None:
        drive.moment = dt.datetime.combine(
            demo_content.next_weekday(drive.moment.date()), demo.MORNING, clock.CHINA
        )
        drive.do(following)


def _plan(session: Session, chance: random.Random, agency: str) -> Mapping[str, Any]:
    case = demo_content.case_of(chance.choice((ORGANISATION, ORGANISATION, PERSON)))
    opened = clock.today() - dt.timedelta(days=chance.randrange(21, 7 * WEEKS))
    while opened.weekday() > 4:
        opened -= dt.timedelta(days=1)
    case = demo_content.recent(case, opened)
    return {**case, "agency": agency}


def turn_lights() -> int:
    """Let the lights that are due by now turn, as the worker would have; how many."""
    turned = 0
    while True:
        with transaction() as session:
            n = deadlines.turn_lights(session, clock.now(), 500)
        turned += n
        if n < 500:
            return turned
