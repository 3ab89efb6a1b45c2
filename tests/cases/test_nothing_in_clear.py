"""A whole case of a person whose identity number and telephone are known: looked for everywhere afterwards."""

import base64
import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from app.cases.demo import Drive
from app.cases.models import Case
from app.documents.models import Document
from app.forms import service as forms
from app.kernel import clock, files, jobs, keys, logs, searchable
from app.kernel.settings import home

from .town import Town, as_post, plan_of

NUMBER, PHONE, STREET = "993725196007172265", "13900017253", "演示街玖仟玖佰号"
PARTY = {"kind": "person", "name": "演示·癸", "id_code": NUMBER, "address": STREET, "phone": PHONE}
SECRETS = (NUMBER, PHONE, STREET)
PUBLIC_NAME = "演示·癸"  # stands in titles: the parties' names are what cases are found by


def spellings(secret: str) -> list[str]:
    """How a text may stand in a row: as it is, escaped, and in bytes shown as hexadecimal digits."""
    escaped = secret.encode("unicode_escape").decode()
    raw = [secret.encode(encoding) for encoding in ("utf-8", "gbk", "utf-16-le")]
    return [
        secret,
        escaped,
        *(each.hex() for each in raw),
        *(base64.b64encode(each).decode()[:-4] for each in raw),
    ]


@pytest.fixture(scope="module")
def written() -> Iterator[io.StringIO]:
    """Everything this process logs while the case runs, as it would be written."""
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = logs.install(stream), root.level
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(before)
    root.setLevel(level)
    logging.captureWarnings(False)


@pytest.fixture(scope="module")
def told(town: Town, written: io.StringIO) -> dict[str, Any]:
    """The case, driven to its decision by the acts officers use, and by wrong posts at the pages."""
    with town.act() as session:
        drive = Drive(session, plan_of("dust-heap", party=PARTY))
        case_id = drive.run("decide")
        waiting = drive.waiting()[0].id
    with town.act() as session:
        forms.save_draft(session, 1, "work:1", {"party": PARTY})
    with town.app.app_context():
        while jobs.run_due(clock.now()):
            pass
    browser = town.caller("hb-officer1")
    for path in (f"/cases/{case_id}", f"/work/{waiting}", f"/cases?q={NUMBER}", f"/inbox?q={NUMBER}"):
        browser.get(path)
    intake = town.caller("hb-intake")
    post = {"_csrf": intake.token("/cases/new"), "item": NUMBER, "_key": "k" * 16}
    answers = [intake.bare_post("/cases/new", post), intake.bare_post("/cases/new", {**post, NUMBER: PHONE})]
    return {"case": case_id, "answers": answers, "post": as_post({"party": PARTY})}


def dump(town: Town) -> Iterator[tuple[str, str]]:
    """Every row of every table as text."""
    with town.read() as session:
        names = session.scalars(
            text("select table_name from information_schema.tables where table_schema = 'public' order by 1")
        ).all()
        for name in names:
            for row in session.scalars(text(f'select t::text from "{name}" t')):  # noqa: S608 - our own tables
                yield name, row


@pytest.mark.requirement("S3-9", part="证件号落库为密文")
def test_no_table_holds_them(town: Town, told):
    rows = list(dump(town))
    assert len({name for name, _ in rows}) > 20
    assert any(PUBLIC_NAME in row for name, row in rows if name == "case")
    found = {
        name for name, row in rows for secret in SECRETS for spelled in spellings(secret) if spelled in row
    }
    assert found <= CLEAR


CLEAR: set[str] = set()


def test_the_case_itself_still_knows_them(town: Town, told):
    with town.read() as session:
        case = session.get_one(Case, told["case"])
        assert case.party["id_code"] == NUMBER
        assert searchable.digest(NUMBER) in case.party_keys
        papers = [document.data for document in session.query(Document)]
        assert any(STREET in str(paper) for paper in papers)


def test_no_stored_file_holds_them(town: Town, told):
    with town.app.app_context():
        filesystem, root = files._store()
        digests = [digest for prefix in range(256) for digest in files.digests(f"{prefix:02x}")]
        assert digests
        for digest in digests:
            kept = filesystem.cat_file(files._path(root, digest))
            assert kept.startswith(b"\0xq-sealed\n")
            assert files.get(digest)


def test_neither_logs_nor_metrics_hold_them(town: Town, told, written: io.StringIO):
    lines = written.getvalue()
    assert '"route": "/cases/<int:case_id>"' in lines
    assert [secret for secret in SECRETS if secret in lines] == []
    shown = town.app.test_client().get("/metrics").get_data(as_text=True)
    assert "xq_http_seconds" in shown
    assert [secret for secret in (*SECRETS, PUBLIC_NAME) if secret in shown] == []


def test_no_error_repeats_a_number(told):
    for answer in told["answers"]:
        assert answer.status_code >= 400
        assert NUMBER not in answer.get_data(as_text=True).replace(f'value="{NUMBER}"', "")


def test_the_key_ring_is_not_in_the_database(town: Town, told):
    ring = keys.ring()
    secrets = [ring.root.hex(), *(key.secret.hex() for key in ring.keys.values())]
    assert not any(secret in row for _, row in dump(town) for secret in secrets)
    assert (home() / "keys" / "data.json").stat().st_mode & 0o077 == 0


# found by its number, and only by it


@pytest.mark.parametrize("typed", [NUMBER, NUMBER.lower(), "993725 19600717 2265".replace(" ", "-")])
@pytest.mark.parametrize("path", ["/cases", "/inbox"])
def test_a_full_number_finds_the_case_without_standing_in_the_address(
    town: Town, told, path: str, typed: str
):
    browser = town.caller("hb-head")
    answer = browser.post(path, {"q": typed}, page=path)
    assert answer.status_code == 303
    assert NUMBER[:8] not in answer.location
    assert f"person={searchable.digest(NUMBER).hex()}" in answer.location
    if path == "/cases":
        assert f'href="/cases/{told["case"]}"' in browser.get(answer.location).get_data(as_text=True)


def test_a_number_that_got_into_an_address_leaves_it_at_once(town: Town, told):
    answer = town.caller("hb-head").get(f"/cases?q={NUMBER} 倾倒")
    assert answer.status_code == 302
    assert NUMBER not in answer.location


@pytest.mark.parametrize("typed", [NUMBER[:17], NUMBER[:6], "993725199001010000"])
def test_a_part_of_a_number_finds_nothing(town: Town, told, typed: str):
    browser = town.caller("hb-head")
    page = browser.get(browser.post("/cases", {"q": typed}, page="/cases").location).get_data(as_text=True)
    assert f'href="/cases/{told["case"]}"' not in page


def test_another_agency_finds_nothing_by_the_number(town: Town, told):
    browser = town.caller("sj-head")
    page = browser.get(browser.post("/cases", {"q": NUMBER}, page="/cases").location).get_data(as_text=True)
    assert f'href="/cases/{told["case"]}"' not in page


def test_the_number_still_finds_the_case_after_the_keys_were_changed(town: Town, told, tmp_path, monkeypatch):
    ring = tmp_path / "data.json"
    ring.write_text((home() / "keys" / "data.json").read_text())
    ring.chmod(0o600)
    monkeypatch.setenv("XQ_DATA_KEYS", str(ring))
    keys.forget()
    try:
        assert keys.rotate().id == 2
        test_a_full_number_finds_the_case_without_standing_in_the_address(town, told, "/cases", NUMBER)
    finally:
        keys.forget()


def test_the_task_page_shows_the_masked_number_among_the_facts(town: Town, told):
    page = town.caller("hb-head").get(f"/cases/{told['case']}").get_data(as_text=True)
    assert "993725********2265" in page
