"""Power items from tables: every fault of every row told at its cell, the same file twice changes nothing, drafts only."""

import csv
import io
import json
import re

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue import commands, intake, item_rows, outflow, service
from app.catalogue.models import ItemVersion, PowerItem
from app.kernel import clock, sheets
from app.kernel.errors import Invalid, NotFound
from app.people.models import Agency

from .statute_files import shared

HEADS = [
    "事项编码*",
    "事项名称*",
    "权力类型*",
    "法律依据*",
    "处罚种类",
    "罚款幅度",
    "其他编码",
    "运行流程",
    "联系电话",
]
GOOD = ["演示-01", "对演示行为的处罚", "行政处罚", "《演示条例》第三条第一款；《演示办法》第五条", "警告；罚款",
        "个人: 100-500元 | 单位: 1-3倍(违法所得) | 拒不改正: ≤2万元", "000212015000", "", "0632-1234567"]  # fmt: skip


def xlsx(*rows, heads=HEADS) -> bytes:
    book = openpyxl.Workbook()
    for row in (heads, *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def row(**changes) -> list:
    """A good row with cells exchanged: `B="…"`."""
    made = list(GOOD)
    for letter, value in changes.items():
        made[ord(letter) - ord("A")] = value
    return made


@pytest.fixture
def act(town):
    with town.app.app_context():
        from app.kernel.db import db

        yield db.session()
        db.session.rollback()
        db.session.remove()


@pytest.fixture
def agency(act) -> int:
    return act.query(Agency).filter_by(code="370400-04").one().id


def check(act, agency, content: bytes, name: str = "事项.xlsx"):
    return intake.check(act, content, name, intake.known(act, None, agency))


def test_a_row_becomes_a_draft_with_all_its_elements(act, agency):
    _, read = check(act, agency, xlsx(GOOD))
    assert read.faults == []
    assert intake.put(act, read.rows) == intake.Written(new=1)
    item = act.query(PowerItem).filter_by(agency_id=agency, code="演示-01").one()
    assert (item.kind, item.status, item.procedure) == ("penalty", "draft", "")
    assert item.basis == ["《演示条例》第三条第一款", "《演示办法》第五条"]
    assert item.content["fine"] == [
        {"condition": "个人", "min": 100, "max": 500, "unit": "元"},
        {"condition": "单位", "min": 1, "max": 3, "unit": "倍", "base": "违法所得"},
        {"condition": "拒不改正", "max": 20000, "unit": "元"},
    ]
    assert item.content["codes"] == [{"code": "000212015000", "scheme": "national-12"}]
    with pytest.raises(NotFound):
        service.published(act, agency, item.id)
    assert item.id not in {each.id for each in service.items_of(act, agency)}


def test_the_same_file_twice_changes_nothing_and_a_changed_one_only_what_it_changes(act, agency):
    first = xlsx(GOOD, row(A="演示-02"))
    for expected in (intake.Written(new=2), intake.Written(same=2)):
        assert intake.put(act, check(act, agency, first)[1].rows) == expected
    item = act.query(PowerItem).filter_by(agency_id=agency, code="演示-02").one()
    item.content = {**item.content, "tiers": [{"name": "一般"}]}
    act.flush()
    second = check(act, agency, xlsx(GOOD, row(A="演示-02", B="新的名称")))[1]
    assert intake.compare(act, second.rows) == intake.Written(changed=1, same=1)
    assert intake.put(act, second.rows) == intake.Written(changed=1, same=1)
    act.refresh(item)
    assert (item.name, item.content["tiers"]) == ("新的名称", [{"name": "一般"}]), (
        "what a file does not have stays"
    )


def test_what_a_file_brought_in_is_drawn_up_further_and_then_no_file_changes_it(act, agency):
    assert intake.put(act, check(act, agency, xlsx(GOOD))[1].rows) == intake.Written(new=1)
    item = act.query(PowerItem).filter_by(agency_id=agency, code="演示-01").one()
    [version] = act.query(ItemVersion).filter_by(item_id=item.id)
    assert (version.state, version.change, version.number, version.created_by) == (
        "draft",
        "new",
        None,
        "文件导入",
    )
    assert version.elements["basis"] == [{"citation": each} for each in item.basis]
    assert version.elements["codes"] == [{"scheme": "national-12", "value": "000212015000"}]
    assert version.elements["fines"][0] == {"condition": "个人", "min": "100", "max": "500", "unit": "元"}

    renamed = [GOOD[0], "新的名称", *GOOD[2:]]
    assert intake.put(act, check(act, agency, xlsx(renamed))[1].rows) == intake.Written(changed=1)
    act.flush()
    assert version.name == version.elements["name"] == "新的名称"

    version.revision += 1
    act.flush()
    _, read = check(act, agency, xlsx(GOOD))
    assert [fault.message for fault in read.faults] == [intake.DRAWN_UP]
    assert check(act, agency, xlsx(renamed))[1].faults == [], "what says the same changes nothing"


def test_every_fault_of_every_row_is_told_at_its_cell(act, agency):
    _, read = check(act, agency, xlsx(
        row(A="", B="", C="行政奖惩", D="按照规定", E="罚站", F="很多", G="", H="penalty/none"),
        row(A="=1+1", F="500-100元"),
        GOOD,
        row(B="重复的"),
        row(A="演示-05", G=112015000, D="《演示条例》第三条；没有依据的"),
        row(A="演示-06", G="1111022100010289183110221325000", C=True),
    ))  # fmt: skip
    told = {fault.ref: fault.message for fault in read.faults}
    assert len(told) == len(read.faults)
    for ref, words in {
        "A2": "没有填写事项编码", "B2": "没有填写事项名称", "C2": "权力类型“行政奖惩”不对", "D2": "没有写明《法律",
        "E2": "处罚种类“罚站”不对", "F2": "罚款幅度“很多”写法不对", "H2": "没有已发布的流程", "A3": "是公式，不能导入",
        "F3": "下限高于上限", "A5": "与 A4 重复", "D6": "“没有依据的”没有写明", "G6": "前面的零可能已经丢失",
        "G7": "不是有效的统一社会信用代码", "C7": "是真假值",
    }.items():  # fmt: skip
        assert words in told.pop(ref), ref
    assert told == {}
    assert read.refused == [2, 3, 5, 6, 7]
    assert [each.code for each in read.rows] == ["演示-01"]


def test_the_faults_are_marked_in_the_file(act, agency):
    table, read = check(act, agency, xlsx(row(A="演示-08", B=""), GOOD, row(A="演示-09", D="无", F="x")))
    sheet = openpyxl.load_workbook(io.BytesIO(intake.marked(table, read.faults))).active
    assert sheet["B2"].comment.text == "没有填写事项名称。"
    assert sheet["D4"].fill.fgColor.rgb == "00F8D7DA"
    assert "D4 法律依据“无”没有写明" in sheet.cell(4, len(HEADS) + 1).value
    assert sheet.cell(3, len(HEADS) + 1).value is None
    assert [cell.value for cell in sheet[3]][: len(GOOD)] == [each or None for each in GOOD], (
        "what was typed is all there"
    )
    mended = io.BytesIO(intake.marked(table, read.faults))
    again = check(act, agency, mended.getvalue())[1]
    assert {fault.ref for fault in again.faults} == {fault.ref for fault in read.faults}


def test_a_published_item_is_not_changed_by_a_file(act, agency):
    item = act.query(PowerItem).filter_by(agency_id=agency, status="published").first()
    _, read = check(act, agency, xlsx(row(A=item.code), heads=HEADS))
    assert [(fault.ref, fault.message) for fault in read.faults] == [("A2", intake.PUBLISHED)]
    assert read.rows == []


def test_what_is_given_out_can_be_taken_in_again(act, agency):
    """Of items whose columns say all of them: nothing new, nothing changed."""
    typed = sheets.as_csv(HEADS, [GOOD, row(A="演示-02", B="=HYPERLINK(1)", G="")])
    assert intake.put(act, check(act, agency, typed, "a.csv")[1].rows).new == 2
    for content, name in (
        (outflow.catalogue(act, [agency]).as_xlsx(), "目录.xlsx"),
        (outflow.catalogue(act, [agency]).as_csv(), "目录.csv"),
    ):
        _, read = check(act, agency, content, name)
        mine = [each for each in read.rows if each.code.startswith("演示")]
        assert intake.compare(act, mine) == intake.Written(same=2)


def test_the_template_and_its_columns(act, agency):
    book = openpyxl.load_workbook(io.BytesIO(intake.template()))
    heads = [cell.value for cell in book.worksheets[0][1]]
    assert heads[:3] == ["实施机关代码", "事项编码*", "事项名称*"]
    assert book.worksheets[1].title == "填写说明"
    with pytest.raises(Invalid, match="文件中没有内容"):
        check(act, agency, intake.template())
    filled = xlsx(["370400-04", *GOOD[:4]], heads=heads[:5])
    assert check(act, None, filled)[1].rows[0].agency_id == agency
    others = check(act, agency, xlsx(["370400-02", *GOOD[:4]], heads=heads[:5]))[1]
    assert "不是这次选定的机关" in others.faults[0].message
    with pytest.raises(Invalid, match="缺少列：事项名称、权力类型"):
        check(act, agency, xlsx(["1", "2"], heads=["事项编码", "法律依据"]))
    with pytest.raises(Invalid, match="重复"):
        check(act, agency, xlsx(GOOD, heads=[*HEADS[:-1], "事项编码"]))


def test_the_seven_code_schemes_are_attributes():
    for scheme in json.loads(shared("data/item_code_schemes.json").read_text(encoding="utf-8"))["schemes"]:
        for code in scheme["samples"]:
            found = item_rows.scheme_of(code)
            assert found, code
            assert found["name"].removesuffix("6位") == scheme["name"]
    assert item_rows.scheme_of("外地-自编-1") is None


def test_the_published_lists_are_read_whole(act):
    """220 items of real lists: those with a basis are taken over, those without are told; each agency gets its own."""
    content = shared("data/power_items.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    taken, faults, agencies = 0, [], {}
    for agency in act.query(Agency).filter(Agency.region_code == "370400"):
        agencies.setdefault(agency.kind, agency.id)
    for kind, agency_id in agencies.items():
        _, read = check(act, agency_id, content, "power_items.csv")
        assert len(read.elsewhere) == sum(each["agency_kind"] != kind for each in rows)
        taken += intake.put(act, read.rows).new
        assert intake.put(act, read.rows).new == 0
        faults += read.faults
    mine = [each for each in rows if each["agency_kind"] in agencies]
    lacking = [each for each in mine if not each["legal_basis"]]
    published = {item.code for item in act.query(PowerItem).filter_by(status="published")}
    assert {fault.message for fault in faults} <= {
        intake.PUBLISHED, "没有填写法律依据；没有依据的事项不能申报。"}  # fmt: skip
    there = [each for each in mine if each["item_id"] in published and each["legal_basis"]]
    assert taken == len(mine) - len(lacking) - len([f for f in faults if f.message == intake.PUBLISHED])
    assert len([f for f in faults if f.message == intake.PUBLISHED]) <= len(there)
    assert taken > 50


@pytest.mark.requirement("S0-3", part="可导出要素清单")
def test_the_list_of_elements_names_what_is_missing(act, agency):
    intake.put(act, check(act, agency, xlsx(GOOD))[1].rows)
    sheet = outflow.elements(act, [agency], clock.today())
    by_code = {row[1]: row for row in sheet.rows}
    assert by_code["演示-01"][-2:] == ("否", "运行流程；裁量基准")
    assert by_code["ZZ-02-STHJ-003"][-2] == "是"
    head = sheet.as_csv().decode("utf-8-sig").splitlines()[0]
    assert (
        head
        == "实施机关,事项编码,事项名称,状态,法定依据,运行流程,裁量基准,执法人员,签核人,签核时间,校验结果,要素是否齐全,缺少"
    )


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "=cmd|' /C calc'!A0", "\tx"])
def test_no_text_is_given_out_as_a_formula(text):
    sheet = openpyxl.load_workbook(io.BytesIO(sheets.as_xlsx("表", ["列"], [[text]]))).active
    assert (sheet["A2"].data_type, sheet["A2"].value) == ("s", text)
    assert sheets.as_csv(["列"], [[text]]).decode("utf-8-sig").splitlines()[1].startswith(("'", "\"'"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=40), min_size=1, max_size=5)
)
def test_csv_goes_there_and_back(texts):
    content = sheets.as_csv([f"列{n}" for n in range(len(texts))], [texts])
    if any(text.strip() for text in texts):
        table = sheets.read(content, "a.csv")
        assert [cell.text for cell in table.rows[0][1]] == [
            text.replace("\u200b", "").strip() for text in texts
        ]


def test_the_commands(town, tmp_path):
    def run(*arguments):
        return CliRunner().invoke(commands.items, [str(each) for each in arguments], obj=town.app.app_context)

    file, out = tmp_path / "事项.xlsx", tmp_path / "错误.xlsx"
    file.write_bytes(xlsx(row(A="命令-1"), row(A="命令-2", B="")))
    dry = run("import", file, "--agency", "370400-04", "--dry-run", "--marked", out)
    assert dry.exit_code == 1
    assert "B3　错误：没有填写事项名称。" in dry.output
    assert "将新增 1 项" in dry.output
    assert openpyxl.load_workbook(out).active["B3"].comment
    refused = run("import", file, "--agency", "370400-04")
    assert (refused.exit_code, "没有写入" in refused.output) == (1, True)
    assert "新增草稿 1 项" in run("import", file, "--agency", "370400-04", "--valid-only").output
    assert "没有变化 1 项" in run("import", file, "--agency", "370400-04", "--valid-only").output
    listed = tmp_path / "清单.csv"
    assert run("export", listed, "--agency", "370400-04").exit_code == 0
    assert "命令-1" in listed.read_text(encoding="utf-8-sig")
    assert run("export", tmp_path / "要素.xlsx", "--elements").exit_code == 0
    assert run("template", tmp_path / "模板.xlsx").exit_code == 0
    assert run("export", tmp_path / "清单.txt").exit_code != 0
    assert re.search("没有(这个|代码)", str(run("import", file, "--agency", "nobody").exception))
