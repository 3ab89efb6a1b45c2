"""What comes back from the scene: once, with its times, nothing overwritten, to nobody else."""

import io
import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from sqlalchemy import select, update

from app.audit import service as audit
from app.cases.models import Evidence, Handler, WorkItem
from app.documents.models import Document
from app.documents.template import sample_of
from app.people.models import Account
from app.scene.models import SceneItem

from .town import as_post

KEYS = iter(f"{n:032x}" for n in range(1, 10_000))


def picture() -> bytes:
    out = io.BytesIO()
    Image.frombytes("RGB", (40, 30), os.urandom(40 * 30 * 3)).save(out, "PNG")
    return out.getvalue()


class Phone:
    """An officer's phone with one task."""

    def __init__(self, town, login: str, work: int):
        self.town, self.work = town, work
        self.browser = town.caller(login)
        self.csrf = self.browser.token("/account")

    def get(self, path: str):
        return self.browser.get(path, headers={"Accept": "application/json"})

    def take(self) -> dict:
        self.task = self.get(f"/scene/tasks/{self.work}").json
        return self.task

    def about(self, at: datetime | None = None, key: str = "", **changes: str) -> dict[str, str]:
        at = at or datetime.now(UTC)
        given = {"key": key or next(KEYS), "client_at": at.isoformat(), "offset_ms": "0",
                 "version": str(self.task["version"]), "draft_at": self.task["draft_at"]}  # fmt: skip
        return given | changes

    def post(self, path: str, data: dict):
        headers = {"X-CSRF-Token": self.csrf, "Accept": "application/json"}
        return self.browser.bare_post(path, data, headers=headers)

    def draft(self, answers: dict, **changes: str):
        given = {f"_scene_{name}": value for name, value in self.about(**changes).items()}
        return self.post(f"/scene/tasks/{self.work}/draft", {**answers, **given})

    def token(self, content: bytes, form: str = "scene", field: str = "file", name: str = "a.png") -> str:
        place = {"form": form, "field": field}
        base = f"/work/{self.work}/uploads"
        state = self.post(base, {**place, "key": next(KEYS), "name": name, "size": str(len(content))}).json
        headers = {"X-CSRF-Token": self.csrf}
        self.browser.bare_post(f"{base}/{state['id']}/parts/0", content, headers=headers,
                               content_type="application/octet-stream")  # fmt: skip
        return self.post(f"{base}/{state['id']}/complete", place).json["token"]

    def item(self, kind: str = "photo", token: str = "", told: dict | None = None, **changes):
        given = {"kind": kind, "token": token, **(told or {}), **self.about(**changes)}
        return self.post(f"/scene/tasks/{self.work}/items", given)

    def rows(self) -> list[SceneItem]:
        with self.town.read() as session:
            found = list(session.scalars(select(SceneItem).where(SceneItem.work_item_id == self.work)))
            session.expunge_all()
            return found

    def evidence(self) -> list[Evidence]:
        with self.town.read() as session:
            found = list(session.scalars(select(Evidence).where(Evidence.work_item_id == self.work)))
            session.expunge_all()
            return found


@pytest.fixture
def phone(town) -> Phone:
    case = town.open("firework-store", "investigate")
    work, _ = town.work(case, "investigate")
    with town.read() as session:
        officer = session.get_one(WorkItem, work).assignee_id
        login = session.scalars(select(Account.login).where(Account.officer_id == officer)).one()
    found = Phone(town, login, work)
    found.case = case
    found.take()
    return found


def second(phone: Phone) -> tuple[str, int]:
    with phone.town.read() as session:
        chosen = select(Account.login, Handler.officer_id).join(
            Handler, Handler.officer_id == Account.officer_id
        )
        return session.execute(chosen.where(Handler.case_id == phone.case, Handler.role == "second")).one()


def reassign(phone: Phone) -> str:
    login, officer = second(phone)
    with phone.town.act() as session:
        session.execute(
            update(WorkItem)
            .where(WorkItem.id == phone.work)
            .values(assignee_id=officer, version=WorkItem.version + 1)
        )
    return login


def test_a_task_is_taken_along_with_form_facts_and_papers(phone):
    task = phone.task
    assert "data-form-body" in task["form"]
    assert ["案由", "未经许可经营烟花爆竹"] in task["facts"]
    assert {paper["title"] for paper in task["papers"]} == {"现场笔录", "询问笔录"}
    assert 'data-answer="inspect_found"' in task["papers"][0]["html"]
    assert "〖" not in task["papers"][0]["html"]
    assert phone.work in [each["id"] for each in phone.get("/scene/state").json["tasks"]]


def test_what_was_typed_becomes_the_draft_once(phone):
    key = next(KEYS)
    first = phone.draft({"inspect_found": "现场所见"}, key=key).json
    again = phone.draft({"inspect_found": "现场所见"}, key=key).json
    assert first == again
    assert first["state"] == "used"
    assert len(phone.rows()) == 1
    assert "现场所见" in phone.browser.get(f"/work/{phone.work}").get_data(as_text=True)
    phone.task["draft_at"] = first["draft_at"]
    assert phone.draft({"inspect_found": "又改了"}).json["state"] == "used"


def test_the_same_key_for_something_else_is_refused(phone):
    key = next(KEYS)
    assert (
        phone.item("refusal", told={"name": "甲", "reason": "不在场", "witness": "乙"}, key=key).status_code
        == 200
    )
    other = phone.post(
        f"/work/{phone.work}/evidence/settle",
        {"_key": key, "digest": "a" * 64, "reason": "x", "decision": "out"},
    )
    assert other.status_code in (404, 409)


@pytest.mark.requirement("S0-20", part="采集、上传时间分列")
def test_a_photograph_is_evidence_with_both_times(phone):
    at = datetime.now(UTC) - timedelta(minutes=10)
    answer = phone.item(
        token=phone.token(picture()), told={"title": "门口", "place": "东侧"}, at=at, offset_ms="120000"
    )
    assert (answer.status_code, answer.json["state"]) == (200, "used")
    [row] = phone.rows()
    assert row.occurred_at == at + timedelta(seconds=120)
    assert row.client_at == at
    assert row.entered_at > row.occurred_at
    [piece] = phone.evidence()
    assert (piece.said["title"], piece.said["place"], piece.collected_at) == ("门口", "东侧", row.occurred_at)
    assert piece.digest == answer.json["digest"]
    with phone.town.read() as session:
        entries = [e for e in audit.of_case(session, phone.case) if e.kind == "scene.brought"]
    assert entries[-1].content["occurred_at"] == row.occurred_at.isoformat()


@pytest.mark.parametrize(
    ("ago", "mark"),
    [
        (timedelta(hours=-2), "发生时间晚于录入时间"),
        (timedelta(days=3), "补录"),
        (timedelta(days=4000), "发生时间早于本环节开始"),
    ],
)
def test_a_time_that_cannot_be_is_marked_and_moves_nothing(phone, ago, mark):
    answer = phone.item(token=phone.token(picture()), at=datetime.now(UTC) - ago).json
    assert any(mark in told for told in answer["marks"])
    assert abs(phone.rows()[0].entered_at - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.parametrize("wrong", [{"client_at": "gestern"}, {"client_at": "2026-01-01T10:00"}, {"offset_ms": "9" * 30},
                                   {"offset_ms": "x"}, {"version": "0"}, {"version": ""}])  # fmt: skip
def test_times_that_are_none_are_refused(phone, wrong):
    given = {"kind": "refusal", "name": "甲", "reason": "理由", "witness": "乙", **phone.about(), **wrong}
    assert phone.post(f"/scene/tasks/{phone.work}/items", given).status_code == 422
    assert phone.rows() == []


def test_a_signature_and_a_refusal(phone):
    assert (
        phone.item("signature", phone.token(picture()), {"name": "演示·子", "role": "负责人"}).status_code
        == 200
    )
    assert phone.evidence()[0].said["title"] == "签名：演示·子（负责人）"
    assert phone.item("refusal", told={"name": "演示·丑"}).status_code == 422
    assert (
        phone.item("refusal", told={"name": "演示·丑", "reason": "拒绝", "witness": "演示·寅"}).status_code
        == 200
    )
    page = phone.browser.get(f"/work/{phone.work}/scene").get_data(as_text=True)
    assert "演示·寅" in page


def test_a_draft_changed_elsewhere_is_kept_beside(phone):
    phone.browser.post(f"/work/{phone.work}/draft", {"inspect_found": "办公室"}, page=f"/work/{phone.work}")
    answer = phone.draft({"inspect_found": "现场"}).json
    assert answer["state"] == "kept"
    assert "草稿在别处修改过" in answer["why"]
    page = phone.browser.get(f"/work/{phone.work}/scene").get_data(as_text=True)
    assert "办公室" in page
    assert "现场" in page
    [item] = phone.rows()
    for _ in range(2):
        assert phone.post(f"/work/{phone.work}/scene/{item.id}/use", {}).status_code == 303
    task = phone.browser.get(f"/work/{phone.work}").get_data(as_text=True)
    assert "现场</textarea>" in task
    kept = [row.said["answers"]["inspect_found"] for row in phone.rows() if row.state == "kept"]
    assert kept == ["办公室"]


def test_a_task_given_to_somebody_else_keeps_everything_for_that_person(phone):
    token = phone.token(picture())
    login = reassign(phone)
    photo = phone.item(token=token).json
    typed = phone.draft({"inspect_found": "现场所见"}).json
    assert photo["state"] == typed["state"] == "kept"
    assert "任务已由" in photo["why"]
    assert photo["theirs"]["version"] == phone.task["version"] + 1
    assert phone.evidence() == []
    other = Phone(phone.town, login, phone.work)
    item = next(row for row in phone.rows() if row.kind == "form")
    assert phone.post(f"/work/{phone.work}/scene/{item.id}/use", {}).status_code == 409
    assert other.post(f"/work/{phone.work}/scene/{item.id}/use", {}).status_code == 303
    assert "现场所见" in other.browser.get(f"/work/{phone.work}").get_data(as_text=True)


def test_strangers_take_and_bring_nothing(phone, town):
    stranger = Phone(town, "szzf-officer1", phone.work)
    stranger.task = phone.task
    assert stranger.get(f"/scene/tasks/{phone.work}").status_code == 404
    assert stranger.draft({"inspect_found": "x"}).status_code == 404
    assert stranger.item("refusal", told={"name": "甲", "reason": "乙", "witness": "丙"}).status_code == 404
    assert stranger.get(f"/work/{phone.work}/scene").status_code == 404
    colleague = Phone(town, second(phone)[0], phone.work)
    assert colleague.get(f"/scene/tasks/{phone.work}").status_code == 409


def test_only_pictures_sent_for_the_scene_come_in(phone):
    assert phone.item(token=phone.token(picture(), "evidence")).status_code == 422
    assert phone.item(token=phone.token(b"%PDF-1.7 x", name="a.pdf")).status_code == 422
    assert phone.item(token="x").status_code == 422
    assert phone.item("form").status_code == 422
    assert phone.draft({"no_such_field": "x"}).status_code == 422
    assert phone.rows() == []


def test_the_shell_and_its_worker_say_nothing_of_anybody(phone, town):
    one = phone.browser.get("/scene/").get_data(as_text=True)
    two = town.caller("hb-officer1").get("/scene/").get_data(as_text=True)
    assert one == two
    assert "csrf" not in one
    worker = phone.browser.get("/scene/worker.js")
    files = json.loads(worker.get_data(as_text=True).partition("SHELL = ")[2].partition(";")[0])
    assert all(path == "/scene/" or path.startswith("/static/") for path in files)
    assert town.app.test_client().get("/scene/state").status_code in (302, 401)


def demanded(phone, code="DC-12"):
    """A paper on demand that was taken along, and the answers of its sample as the page posts them."""
    task = phone.take()
    said = sample_of(code)["forms"]["paper_sampling"]
    known = {
        name
        for name in said
        if f'name="{name}' in next(p["form"] for p in task["demand"] if p["code"] == code)
    }
    return as_post(
        {name: value for name, value in said.items() if name in known and value not in ("", None, [])}
    )


def test_a_paper_filled_in_at_the_scene_is_made_once(phone, town):
    given = {**demanded(phone), "_scene_key": next(KEYS)}
    path = f"/scene/tasks/{phone.work}/documents/DC-12"
    first, again = phone.post(path, given), phone.post(path, given)
    assert first.status_code == 200, first.json
    assert first.json == again.json
    assert "已制作" in first.json["message"]
    with town.read() as session:
        case_id = session.get_one(WorkItem, phone.work).case_id
        made = session.scalars(
            select(Document.number).where(Document.case_id == case_id, Document.code == "DC-12")
        )
        assert list(made) == [first.json["documents"][0]["number"]]
        assert [e.kind for e in audit.of_case(session, case_id)].count("document.made") == 1
        assert session.get_one(WorkItem, phone.work).status == "open"


def test_a_paper_that_lacks_something_is_refused_and_one_of_another_step_is_none(phone, town):
    refused = phone.post(f"/scene/tasks/{phone.work}/documents/DC-12", {"_scene_key": next(KEYS)})
    assert refused.status_code == 422
    assert refused.json["message"]
    other = phone.post(f"/scene/tasks/{phone.work}/documents/JD-01", {"_scene_key": next(KEYS)})
    assert other.status_code == 404
    stranger = Phone(town, "szzf-officer1", phone.work)
    assert (
        stranger.post(f"/scene/tasks/{phone.work}/documents/DC-12", {"_scene_key": next(KEYS)}).status_code
        == 404
    )


def test_with_a_network_the_papers_are_those_of_the_platform(phone, town):
    task = phone.take()
    typed = {"inspect_place": "仓库<东侧>", "inspect_from": "2026-05-11T09:40"}
    laid = phone.post(f"/scene/tasks/{phone.work}/papers", typed)
    assert laid.status_code == 200, laid.json
    assert [one["code"] for one in laid.json["papers"]] == [one["code"] for one in task["papers"]]
    html = "".join(one["html"] for one in laid.json["papers"])
    assert "仓库&lt;东侧&gt;" in html
    assert "2026年5月11日9时40分" in html
    assert "data-answer" not in html
    stranger = Phone(town, "szzf-officer1", phone.work)
    assert stranger.post(f"/scene/tasks/{phone.work}/papers", typed).status_code == 404
