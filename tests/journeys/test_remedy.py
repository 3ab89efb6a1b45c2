"""A decision corrected by its agency, as its people live it: found too hard, reviewed, changed, published no more, served,
told on the decided case."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import SECRET
from desk import CASE_NO, Desk, Journey
from papers import bound_file, papers
from playwright.sync_api import expect

from app.cases import demo_content
from app.kernel.settings import ROOT

PARTY = "某建材有限公司"
AGREE = {"stance": "agree", "text": "同意。"}
LESS = {"fine_amount": "200000.00", "confiscated_amount": "0.00"}
CHANGE = "罚款二十五万元变更为罚款二十万元。"
POINTS = ("subject", "facts", "law", "procedure", "power", "document", "crime")
ACTS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("register", "remedy_register", "2025-08-27T10:00", {
        "kind": "自行纠正", "decision_title": "行政处罚决定书", "confiscated_amount": "0.00", "published": "yes",
        "major": "yes", "error": "裁量时漏计当事人主动更换滤袋、消除危害后果的情节。",
    }),
    ("propose", "remedy_propose", "2025-08-28T10:00", {
        "action": "change", "ground": "处罚明显不当", "second": "$investigator.2",
        "facts": "当事人在立案前主动更换全部滤袋，依法应当从轻",
        "basis": "《中华人民共和国行政处罚法》第三十二条、第七十五条第二款", "content": CHANGE, **LESS,
    }),
    ("legal", "penalty_legal_review", "2025-08-29T10:00", {
        "grounds": ["列入本机关重大执法决定法制审核目录"], "materials": [{"name": "全案材料", "pages": 86}],
        **dict.fromkeys(POINTS, "符合"), "conclusion": "同意", "opinion": "理由成立，同意变更。",
    }),
    ("decide", "remedy_decide", "2025-08-29T16:00", {
        "decision": "approve", "action": "change", "content": CHANGE, "opinion": AGREE, **LESS,
        "reason": "当事人主动消除危害后果，依据《中华人民共和国行政处罚法》第三十二条应当从轻处罚",
    }),
    ("withdraw", "remedy_withdraw", "2025-09-01T10:00", {
        "withdrawn_on": "2025-09-01", "channels": ["本机关网站"], "reason": "原决定已经变更。", "where": "原公示页面",
    }),
    ("serve", "penalty_serve", "2025-09-02T10:30", {
        "method": "直接送达", "served_at": "2025-09-02T10:10", "served_place": "枣庄市薛城区演示工业园3号",
        "receiver": "演示·甲", "relation": "法定代表人（负责人）",
    }),
    ("archive", "penalty_archive", "2025-09-15T15:00", {
        "retention": "三十年", "volumes": 1, "pages": 22, "complete": "yes", "signed": "yes",
        "place": "综合档案室", "checked_by": "演示·丁",
    }),
]  # fmt: skip
SAYS = {
    "SH-01": ["列入本机关重大执法决定法制审核目录", "理由成立，同意变更。"],
    "JD-07": [
        "变更行政处罚决定书",
        "变更后，罚款为人民币贰拾万元整（￥200,000.00）",
        "六十日内向枣庄市人民政府申请行政复议，也可以自收到本决定书之日起六个月内依法向枣庄市薛城区人民法院提起行政诉讼",
        "撤回已经公示的原决定信息",
        "2025年8月29日",
        "本文书一式三份，一份送达当事人，一份归档，一份留存。",
    ],
    "SD-01": ["直接送达", "2025年9月2日10时10分", "变更行政处罚决定书"],
}


@pytest.fixture
def decided(bare_city: str, ring: str, server: object, tmp_path: Path) -> str:
    """A decision that was served and paid: its own journey is in `test_penalty_ordinary`. The case's number."""
    environment = {
        **os.environ,
        "DATABASE_URL": bare_city,
        "XQ_HOME": str(tmp_path),
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests"))),
        "XQ_DATA_KEYS": ring,
        "XQ_SECRET_KEY": SECRET,
    }
    program = [sys.executable, str(Path(__file__).with_name("decided_case.py")), "stone-mill"]
    done = subprocess.run(program, env=environment, cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.split()[-1]


def test_a_penalty_is_changed_by_its_own_agency(decided: str, desk: Desk, shot: Callable):
    plan = demo_content.case_of("stone-mill")
    penalty = Journey(desk, plan, "hb", case_no=decided)
    desk.on("2025-08-27T09:30")
    page = penalty.page("legal")
    page.get_by_role("button", name="登记行政复议、行政诉讼应对和处罚决定纠正").click()
    page.wait_for_url("**/work/*")
    expect(page.locator('[name="party.name"]')).to_have_value(PARTY)
    expect(page.locator('[name="fine_amount"]')).to_have_value("250000")
    shot("journey-remedy-register", page)
    number = CASE_NO.search(page.locator(".crumbs").inner_text())[0]
    remedy = Journey(desk, {**plan, "item": "ZZ-10-FYSS-001"}, "hb", case_no=number)
    for node, key, at, said in ACTS:
        remedy.do(node, key, at, said)
    assert remedy.numbered("decide", "《变更行政处罚决定书》枣环撤〔2025〕")

    page = remedy.page("legal")
    expect(page.get_by_role("heading", level=1)).to_contain_text("已办结归档")
    shot("journey-remedy", page)
    found = papers(page)
    assert SAYS.keys() == found.keys()
    for code, lines in SAYS.items():
        for words in (found[code].title, found[code].number, PARTY, *lines):
            assert words in found[code].text, f"{code} does not say {words}"
    bound = bound_file(remedy.page("head"))
    assert found["JD-07"].number in bound
    page = penalty.page("legal")
    shot("journey-remedy-decided", page)
    expect(page.locator("main")).to_contain_text(number)
