"""What a person may answer to each type of item, and what is said when the answer will not do."""

import json

import pytest
from werkzeug.datastructures import MultiDict

from app.forms.service import FormContext
from app.kernel.errors import Invalid

from .conftest import context_with, make, text


def errors(check, form, post) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        check(form, post)
    return caught.value.errors


def test_required_and_length_and_pattern(check):
    form = make(text(required=True, maxLength=5, pattern="[0-9]+", patternMessage="只写数字。"))
    assert errors(check, form, {}) == {"a": ["请填写此项。"]}
    assert errors(check, form, {"a": "   "}) == {"a": ["请填写此项。"]}
    assert errors(check, form, {"a": "123456"}) == {"a": ["最多 5 个字，现有 6 个字，请删减。"]}
    assert errors(check, form, {"a": "12a"}) == {"a": ["只写数字。"]}
    assert check(form, {"a": " 123 "}) == {"a": "123"}


def test_what_is_written_is_long_enough(check):
    form = make({"type": "textarea", "key": "a", "label": "理由", "minLength": 4})
    assert errors(check, form, {"a": "不行"}) == {"a": ["至少写 4 个字，现有 2 个字，请写具体。"]}
    assert check(form, {"a": ""}) == {"a": ""}
    assert check(form, {"a": "事实不清"}) == {"a": "事实不清"}
    with pytest.raises(Invalid, match="minLength 不得大于"):
        make({"type": "textarea", "key": "a", "label": "理由", "minLength": 9, "maxLength": 8})


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("250000", "250000"),
        ("250,000.00", "250000"),
        ("￥１２.5", "12.50"),
        ("0", "0"),
        ("-0", "0"),
        ("8元", "8"),
    ],
)
def test_money_is_stored_in_one_spelling(check, typed, stored):
    assert check(make({"type": "money", "key": "m", "label": "罚款"}), {"m": typed}) == {"m": stored}


@pytest.mark.parametrize(
    "typed",
    ["-1", "NaN", "Infinity", "-inf", "1e999", "1e3", "1.234", "0x10", "一万", "1" * 30, "99999999999999"],
)
def test_what_is_no_money(check, typed):
    assert "m" in errors(check, make({"type": "money", "key": "m", "label": "罚款"}), {"m": typed})


def test_numbers(check):
    form = make({"type": "number", "key": "n", "label": "数", "min": 1, "max": 9.5, "decimals": 1})
    assert check(form, {"n": "3"}) == {"n": 3}
    assert check(form, {"n": "3.5"}) == {"n": 3.5}
    for typed in ("0", "10", "3.55", "NaN", "1e1"):
        assert "n" in errors(check, form, {"n": typed})


def test_dates_are_legal_days_within_bounds(check):
    form = make(
        {"type": "date", "key": "d", "label": "日", "max": "today"},
        {"type": "datetime", "key": "t", "label": "时"},
    )
    good = check(form, {"d": "2026-11-21", "t": "2026-05-02T09:30"})
    assert good == {"d": "2026-11-21", "t": "2026-05-02T09:30"}
    for typed in ("2026-11-22", "2026-02-30", "26-1-1", "0001-01-01", "2026-11-21T10:00", "yesterday"):
        assert "d" in errors(check, form, {"d": typed})
    for typed in ("2026-05-02", "2026-05-02T25:00", "2026-05-02T09:30+09:00"):
        assert "t" in errors(check, form, {"t": typed})


def test_choices_come_from_the_options(check):
    options = [{"value": "x", "label": "甲"}, {"value": "y", "label": "乙"}]
    form = make(
        {"type": "radio", "key": "r", "label": "单", "options": options},
        {"type": "checkboxes", "key": "c", "label": "多", "options": options},
        {"type": "yesno", "key": "y", "label": "是否"},
    )
    assert check(form, MultiDict([("r", "y"), ("c", "y"), ("c", "x"), ("c", "x"), ("y", "no")])) == {
        "r": "y",
        "c": ["x", "y"],
        "y": "no",
    }
    assert set(errors(check, form, {"r": "z", "c": "z", "y": "true"})) == {"r", "c.0", "y"}


def test_only_eligible_officers_can_be_named(check):
    form = make(
        {
            "type": "person",
            "key": "p",
            "label": "协办",
            "position": "investigator",
            "certificate": "enforcement",
        }
    )
    assert check(form, {"p": "1"}) == {"p": {"id": 1, "name": "甲子001(演示)", "certificate": "演示A001"}}
    for other in ("2", "3", "99", "1 or 1=1"):
        assert "p" in errors(check, form, {"p": other})
    several = make({"type": "person", "key": "p", "label": "参加人", "multiple": True, "required": True})
    assert [each["id"] for each in check(several, MultiDict([("p", "3"), ("p", "1")]))["p"]] == [3, 1]
    assert errors(check, several, {})["p"] == ["请选择一项。"]


def test_a_party_has_the_code_of_its_kind(check):
    form = make({"type": "party", "key": "p", "label": "当事人", "required": True, "requires": ["id_code"]})
    good = check(form, {"p.kind": "organisation", "p.name": "虚构商贸", "p.id_code": "n2442000xxxd00264f"})[
        "p"
    ]
    assert good["id_code"] == "N2442000XXXD00264F"
    assert set(good) == {"kind", "name", "id_code", "legal_representative", "address", "phone"}
    assert "p.id_code" in errors(
        check, form, {"p.kind": "person", "p.name": "演示·甲", "p.id_code": "N2442000XXXD00264F"}
    )
    assert set(errors(check, form, {"p.address": "某处"})) == {"p.kind", "p.name", "p.id_code"}
    person = check(
        form,
        {
            "p.kind": "person",
            "p.name": "演示·甲",
            "p.id_code": "99000120081121104x",
            "p.legal_representative": "无",
        },
    )["p"]
    assert person["id_code"].endswith("X")
    assert person["legal_representative"] == ""


def test_what_has_parts_is_asked_part_by_part(check):
    form = make(
        {"type": "party", "key": "p", "label": "当事人", "required": True},
        {"type": "opinion", "key": "o", "label": "意见", "required": True},
        {"type": "law", "key": "l", "label": "依据", "required": True},
    )
    assert list(errors(check, form, {})) == ["p.kind", "p.name", "o.stance", "l.law", "l.article"]


def test_rows_left_empty_are_no_rows_and_errors_say_where(check):
    form = make(
        {
            "type": "list",
            "key": "l",
            "label": "明细",
            "required": True,
            "columns": [text("name", required=True), {"type": "money", "key": "sum", "label": "金额"}],
        }
    )
    post = {"l.0.name": "", "l.0.sum": "", "l.3.name": "甲", "l.3.sum": "1,000", "l.7.sum": "5"}
    assert errors(check, form, post) == {"l.1.name": ["请填写此项。"]}
    post["l.7.name"] = "乙"
    assert check(form, post) == {"l": [{"name": "甲", "sum": "1000"}, {"name": "乙", "sum": "5"}]}
    assert errors(check, form, {"l.0.name": " "}) == {"l": ["请填写此项。"]}


def test_evidence_is_of_a_statutory_kind(check):
    form = make({"type": "evidence", "key": "e", "label": "证据"})
    data = check(form, {"e.0.kind": "书证", "e.0.name": "检测报告", "e.0.pages": "3"})
    assert data["e"] == [{"kind": "书证", "name": "检测报告", "proves": "", "pages": 3, "file": None}]
    assert set(errors(check, form, {"e.0.kind": "传闻", "e.0.name": "x", "e.0.pages": "1.5"})) == {
        "e.0.kind",
        "e.0.pages",
    }


def test_a_law_reference_needs_both_parts(check):
    form = make({"type": "law", "key": "l", "label": "依据"})
    assert check(form, {"l.law": "行政处罚法", "l.article": "第五十七条"})["l"]["article"] == "第五十七条"
    assert errors(check, form, {"l.law": "行政处罚法"}) == {"l.article": ["请填写此项。"]}


def test_data_has_every_key_and_is_json(check):
    form = make(
        text(),
        {"type": "money", "key": "m", "label": "款"},
        {"type": "number", "key": "n", "label": "数"},
        {"type": "file", "key": "f", "label": "附"},
        {"type": "party", "key": "p", "label": "人"},
        {"type": "evidence", "key": "e", "label": "证"},
        {"type": "opinion", "key": "o", "label": "意"},
    )
    data = check(form, {})
    assert data == {"a": "", "m": "", "n": None, "f": [], "p": None, "e": [], "o": None}
    json.dumps(data)


@pytest.mark.parametrize(
    ("stance", "reason", "previous", "allowed"),
    [
        ("agree", "", None, True),
        ("agree", "", "agree", True),
        ("agree", "", "disagree", False),
        ("agree", "已补正", "disagree", True),
        ("disagree", "", None, False),
        ("amend", "", "amend", False),
        ("disagree", "事实不清", "agree", True),
    ],
)
def test_a_reason_is_owed_unless_one_agrees_with_who_came_before(stance, reason, previous, allowed):
    form = make({"type": "opinion", "key": "o", "label": "意见", "required": True})
    context: FormContext = context_with({"stance": previous, "text": ""} if previous else None)
    answers = form.parse(MultiDict({"o.stance": stance, "o.text": reason}))
    if allowed:
        assert form.validate(answers, context) == {"o": {"stance": stance, "text": reason}}
    else:
        with pytest.raises(Invalid) as caught:
            form.validate(answers, context)
        assert set(caught.value.errors) == {"o.text"}


def test_an_opinion_outside_the_options(check):
    form = make({"type": "opinion", "key": "o", "label": "意见", "options": ["agree", "disagree"]})
    assert set(errors(check, form, {"o.stance": "amend", "o.text": "x"})) == {"o.stance"}


def test_errors_come_in_the_order_of_the_page(check):
    form = make(text("z", required=True), text("b", required=True), text("a", required=True))
    assert list(errors(check, form, {})) == ["z", "b", "a"]
