"""The event log: XES as its standard says, without anything personal, and only for scopes of some size."""

import gzip
import io
from datetime import date

import pytest
from click.testing import CliRunner
from lxml import etree
from sqlalchemy import select

from app.cases import event_log, sight
from app.cases.demo import Drive
from app.cases.models import Case, WorkItem
from app.cli import xq
from app.diagrams import service as diagrams
from app.kernel.errors import Refused
from app.people import demo as people_demo
from app.people.models import Account, Officer

from .town import Town, actor, plan_of

PERIOD = (date(2024, 1, 1), date(2026, 12, 31))
NS = {"x": event_log.XES}


@pytest.fixture(scope="module")
def version(town: Town) -> int:
    """Five cases of one agency and one of another."""
    with town.act() as session:
        for _ in range(5):
            Drive(session, plan_of("stone-mill")).run("legal_review")
        Drive(session, plan_of("stale-sweets")).run("check")
        return diagrams.current(session, "penalty/ordinary").id


def written(town: Town, login: str, version: int, agency: int | None = None) -> bytes:
    with town.read() as session:
        asked = sight.filter_of(session, actor(session, login), version, agency, *PERIOD)
        file = io.BytesIO()
        event_log.write(session, asked, file)
        return file.getvalue()


def test_every_task_with_its_moments_in_order(town: Town, version: int):
    log = etree.fromstring(written(town, "sf-analyst", version))
    assert (log.tag, log.get("xes.version")) == (f"{{{event_log.XES}}}log", "1849.2016")
    order = [etree.QName(one).localname for one in log]
    ranks = ["extension", "global", "classifier", "string", "trace"]
    assert order == sorted(order, key=ranks.index)
    traces = log.findall("x:trace", NS)
    assert [t.find("x:string[@key='concept:name']", NS).get("value") for t in traces] == list("123456")
    first = traces[0].findall("x:event", NS)
    moments = [e.find("x:date", NS).get("value") for e in first]
    assert moments == sorted(moments)
    assert first[0].find("x:string[@key='concept:name']", NS).get("value") == "案源登记"
    kinds = {e.find("x:string[@key='lifecycle:transition']", NS).get("value") for e in first}
    assert kinds <= {"schedule", "assign", "complete", "withdraw"}
    with town.read() as session:
        case_id = session.scalars(select(Case.id).order_by(Case.id)).first()
        done = session.scalars(
            select(WorkItem.id).where(WorkItem.case_id == case_id, WorkItem.done_at.is_not(None))
        )
        assert len([e for e in first if "complete" in etree.tostring(e).decode()]) == len(done.all())


def test_nothing_personal_stands_in_it(town: Town, version: int):
    log = written(town, "sf-analyst", version).decode()
    with town.read() as session:
        names = set(session.scalars(select(Officer.name))) | set(session.scalars(select(Account.name)))
        for case in session.scalars(select(Case)):
            assert case.no not in log
            assert str(case.party["name"]) not in log
            assert case.title not in log
        assert not [name for name in names if name in log]


def test_the_scope_is_the_callers_and_never_a_few_cases(town: Town, version: int):
    head = etree.fromstring(written(town, "hb-head", version))
    assert len(head.findall("x:trace", NS)) == 5
    with town.read() as session:
        other = session.scalar(select(Case.agency_id).where(Case.title.like("%保质期%")).limit(1))
    with pytest.raises(Refused, match="不足 5 件"):
        written(town, "sf-analyst", version, other)


def test_the_command(town: Town, version: int, tmp_path):
    def run(*more, login="sf-analyst"):
        line = ["procedure", "log", "penalty/ordinary", "--by", login, "--since", "2024-01-01", *more]
        password = f"{people_demo.password()}\n"
        return CliRunner().invoke(xq, line, obj=town.app.app_context, input=password)

    packed = tmp_path / "log.xes.gz"
    done = run("--out", str(packed))
    assert done.exit_code == 0, done.output
    assert "6 件案件" in done.output
    assert len(etree.fromstring(gzip.decompress(packed.read_bytes())).findall("x:trace", NS)) == 6
    plain = tmp_path / "log.xes"
    assert run("--out", str(plain), "--agency", "370400-04").exit_code == 0
    assert len(etree.parse(plain).getroot().findall("x:trace", NS)) == 5
    assert run("--out", str(plain), login="hb-officer1").exit_code == 1
