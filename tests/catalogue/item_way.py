"""Drives items through their life through the services, as the people of an agency and of the legal office would."""

import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from cases.town import Town, actor
from sqlalchemy import select

from app.cases import acts
from app.cases.models import WorkItem, WorkStatus
from app.catalogue.models import ItemVersion, PowerItem
from app.items import drawing, sending
from app.kernel import clock, jobs

DRAWER, LAWYER, HEAD, ARCHIVE = "hb-review", "hb-legal", "hb-head", "hb-archive"
EXAMINER, CHECKER, SIGNER = "sf-legal", "sf-review", "sf-deputy"
_numbers = itertools.count(1)
DAY = "2026-06-01"
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
STEPS: Mapping[str, Mapping[str, Any]] = {
    "basics": {"kind": "penalty", "level": "3", "classified": "no", "trial": "no", "codes": []},
    "basis": {"basis": [{"citation": "《排污许可管理条例》第三十三条第（一）项", "note": ""}]},
    "subject": {
        "subject": "organ",
        "organs": [],
        "duty": "查处未依法排污的行为（演示）。",
        "authority": "警告、罚款（演示）。",
    },
    "running": {
        "procedure": "penalty/ordinary",
        "statutory": "90",
        "statutory_unit": "d",
        "promised": "60",
        "promised_unit": "d",
        "office": "法规科（演示）",
        "place": "枣庄市演示路1号（虚构）",
        "phone": "0632-0000001",
        "supervision_phone": "0632-0000002",
        "supervision": "向本机关纪检监察机构反映（演示）。",
        "remedy": "收到决定之日起六十日内申请行政复议（演示）。",
    },
    "discretion": {
        "fee": "no",
        "discretion": "none",
        "discretion_note": "法律规定固定数额（演示）。",
        "kinds": ["警告"],
    },
}


def key() -> str:
    """A new idempotency key."""
    return f"itemlife{next(_numbers):09d}"


class Life:
    """One item on its way, in a town."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.version_id = 0

    def version(self) -> ItemVersion:
        with self.town.read() as session:
            found = session.get_one(ItemVersion, self.version_id)
            session.expunge(found)
            return found

    def item(self) -> PowerItem:
        with self.town.read() as session:
            found = session.get_one(PowerItem, session.get_one(ItemVersion, self.version_id).item_id)
            session.expunge(found)
            return found

    def draw(self, code: str = "", **changes: Mapping[str, Any]) -> None:
        """A new item with every element; `changes` by page."""
        code = code or f"ZZ-02-YS-{next(_numbers):03d}"
        name = f"对演示行为{code}的处罚（演示）"
        with self.town.act() as session:
            self.version_id = drawing.begin_new(session, actor(session, DRAWER), code, name, "penalty").id
        for step, said in STEPS.items():
            first = {"code": code, "name": name} if step == "basics" else {}
            self.save(step, {**first, **said, **changes.get(step, {})})

    def save(self, step: str, answers: Mapping[str, Any], login: str = DRAWER) -> dict[str, list[str]]:
        _, errors = self.town.do(drawing.save, login, self.version_id, step, self.version().revision, answers)
        return errors

    def change(self, kind: str = "adjust", to: int | None = None) -> None:
        """A draft that changes the item."""
        item = self.item()
        with self.town.act() as session:
            self.version_id = drawing.begin_change(session, actor(session, DRAWER), item.id, kind, to).id

    def send(self, day: str = DAY, **more: Any) -> acts.ActResult:
        given = sending.Given("上位法修改（演示）。", day)
        revision = more.pop("revision", None) or self.version().revision
        return self.town.do(
            sending.send,
            more.pop("login", DRAWER),
            self.version_id,
            revision,
            more.pop("key", None) or key(),
            given,
        )

    def waiting(self, case_id: int) -> WorkItem:
        """The one task that waits."""
        with self.town.read() as session:
            chosen = select(WorkItem).where(WorkItem.case_id == case_id, WorkItem.status == WorkStatus.OPEN)
            rows = session.scalars(chosen).all()
            found = [row for row in rows if row.kind == "user"] or list(rows)
            assert len(found) == 1, [row.node for row in rows]
            session.expunge(found[0])
            return found[0]

    def hand_in(self, case_id: int, login: str, data: Mapping[str, Any]) -> acts.ActResult:
        work = self.waiting(case_id)
        return self.town.do(acts.hand_in, login, work.id, work.version, key(), lambda *_: data)

    def initial(self, stance: str = "agree", text: str = "") -> acts.ActResult:
        data = {"checked": ["法律依据和职权来源"], "opinion": {"stance": stance, "text": text}}
        return self.hand_in(self.version().case_id, LAWYER, data)

    def collective(self) -> acts.ActResult:
        with self.town.read() as session:
            host = actor(session, HEAD).officer_id
        data = {
            "held_at": f"{clock.today().isoformat()}T00:01",
            "place": "三楼会议室（演示）",
            "host": str(host),
            "attendees": "领导班子成员（演示）",
            "discussion": "一致同意。",
            "conclusion": "通过",
        }
        return self.hand_in(self.version().case_id, HEAD, data)

    def sign_off(self, login: str = HEAD, **changes: Any) -> acts.ActResult:
        """Who answers for what is reported signs it."""
        data = {
            "conclusion": "签核，同意报送",
            "validated": ["校验结果没有缺项，提醒已经逐项核对"],
            "answers": ["所报信息真实、合法，由本人负责"],
            **changes,
        }
        return self.hand_in(self.version().case_id, login, data)

    def submit(self, day: str = DAY, **more: Any) -> acts.ActResult:
        data = {"effective_on": day, "urgent": "no", **more}
        return self.hand_in(self.version().case_id, DRAWER, data)

    def agreed(self) -> None:
        """The department, the collective and the head agree."""
        self.initial()
        self.collective()
        self.sign_off()

    def to_audit(self, day: str = DAY) -> None:
        """Sent in and brought before the legal office."""
        self.send(day)
        self.agreed()
        self.submit(day)

    def examine(self, conclusion: str = "同意", day: str = DAY, **more: Any) -> acts.ActResult:
        points = ("subject", "authority", "power", "procedure", "limits", "discretion", "publicity")
        data: dict[str, Any] = {**dict.fromkeys(points, "符合"), "conclusion": conclusion, **more}
        data |= {"effective_on": day} if conclusion == "同意" else {"opinion": "依据不足（演示）。"}
        return self.hand_in(self.version().audit_case_id, EXAMINER, data)

    def check(self) -> acts.ActResult:
        return self.hand_in(
            self.version().audit_case_id, CHECKER, {"opinion": {"stance": "agree", "text": ""}}
        )

    def sign(self, conclusion: str = "同意", day: str = DAY, login: str = SIGNER) -> acts.ActResult:
        data = {"conclusion": conclusion}
        data |= {"effective_on": day} if conclusion == "同意" else {"opinion": "依据不足（演示）。"}
        return self.hand_in(self.version().audit_case_id, login, data)

    def work(self) -> None:
        """What the worker does."""
        with self.town.app.app_context():
            jobs.run_due(clock.now())

    def review(self, conclusion: str = "同意", day: str = DAY) -> None:
        """The legal office examines, and its opinion arrives."""
        self.examine(conclusion, day)
        self.check()
        self.sign(conclusion, day)
        self.work()

    def in_force(self, day: str = DAY) -> bool:
        """Whether a case could be opened on the item on a day."""
        from app.catalogue import service as catalogue

        with self.town.read() as session:
            item = session.get_one(PowerItem, session.get_one(ItemVersion, self.version_id).item_id)
            return catalogue.item(session, item.id, date.fromisoformat(day)).status == "published"


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    """The morning on which items are drawn up; for every test of a module that imports it."""
    with clock.at(NOW):
        yield


@pytest.fixture
def life(town: Town) -> Life:
    """An item that is drawn up."""
    made = Life(town)
    made.draw()
    return made
