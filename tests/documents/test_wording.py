"""The language of templates: what it says, and what it cannot be made to do."""

import pytest
from jinja2 import TemplateError

from app.documents import phrases, template
from app.documents.template import DocumentError
from app.documents.wording import MissingField, Text, scope_of

CONTEXT = {
    "party": {"name": "演示·甲", "items": ["一", "二"], "phone": None},
    "case": {"opened_on": "2025-05-06"},
    "forms": {},
    "fine": 250000.0,
    "flag": True,
    "documents": [{"code": "GZ-01", "number": "甲"}, {"code": "GZ-01", "number": "乙"}],
    "evil": object(),
}


def fill(source: str) -> str:
    return Text(source).fill(scope_of(CONTEXT))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ party.name }}", "演示·甲"),
        ("{% for i in party.items %}{{ loop.index }}{{ i }}{% endfor %}", "1一2二"),
        ("{{ party.items|join('、') }}", "一、二"),
        ("{{ fine|money }} {{ fine|rmb_upper }}", "250,000.00 贰拾伍万元整"),
        ("{{ case.opened_on|cn_date }}", "2025年5月6日"),
        ("{{ flag }}{{ fine }}", "是250000"),
        ("{{ forms.report.facts|default('无') }}", "无"),
        ("{% if forms.report.facts is defined %}甲{% else %}乙{% endif %}", "乙"),
        ("{% if forms.report.facts %}甲{% else %}乙{% endif %}", "乙"),
        ("{% if party.phone is defined %}甲{% else %}乙{% endif %}", "乙"),
        ("{{ (documents|of_code('GZ-01')).number }}", "乙"),
        ("{{ {'a': '甲'}['a'] }}", "甲"),
    ],
)
def test_it_prints(source, text):
    assert fill(source) == text


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("{{ forms.report.facts }}", "forms.report.facts"),
        ("{{ party.phone }}", "party.phone"),
        ("{{ nothing }}", "nothing"),
        ("{% if nothing %}{% endif %}", "nothing"),
        ("{% if forms.report.fine > 1 %}{% endif %}", "forms.report.fine"),
        ("{{ forms.report.day|cn_date }}", "forms.report.day"),
        ("{% for x in forms.report.rows %}{% endfor %}", "forms.report.rows"),
        ("{{ '甲' ~ forms.report.facts }}", "forms.report.facts"),
        ("{{ (documents|of_code('JD-01')).number }}", "of_code(JD-01).number"),
    ],
)
def test_a_missing_value_is_named_in_full(source, path):
    with pytest.raises(MissingField) as missing:
        fill(source)
    assert missing.value.path == path


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ party.__class__ }}",
        "{{ party['__class__'] }}",
        "{{ party.items() }}",
        "{{ party.items.__len__ }}",
        "{{ evil.__init__ }}",
        "{{ evil }}",
        "{{ party }}",
        "{{ self }}",
        "{{ self._TemplateReference__context }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ range(10) }}",
        "{{ lipsum() }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 10 ** 100 }}",
        "{{ '%1000000d' % 1 }}",
        "{{ ''|attr('__class__') }}",
        "{{ '{0.__class__}'|format(party) }}",
        "{{ '{}'.format(party) }}",
        "{{ party.items|map('attr', '__class__')|list }}",
        "{{ [party]|map(attribute='_data')|list|first }}",
        "{{ 'x'|center(1000000000) }}",
        "{% include 'JD-01' %}",
        "{% import 'os' as os %}",
        "{% extends 'x' %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% for x in party.items recursive %}{{ loop(party.items) }}{% endfor %}",
        "{% for x in party.items %}{{ loop.cycle }}{% endfor %}",
        "{% set x = namespace() %}",
        "{% filter upper %}x{% endfilter %}",
        "{% call m() %}{% endcall %}",
    ],
)
def test_attacks_are_closed(attack):
    with pytest.raises((TemplateError, TypeError)):
        fill(attack)


def test_the_longest_text_has_an_end():
    doubling = "{% set a = a ~ a ~ a ~ a ~ a ~ a ~ a ~ a %}"
    bomb = "{% set a = '一二三四五六七八九十' %}" + doubling * 5
    with pytest.raises(ValueError, match="超过"):
        fill(bomb + "{{ a }}")


def test_phrases():
    assert phrases.cn_datetime("2025-07-16T01:05:00+00:00") == "2025年7月16日9时05分"
    assert phrases.cn_datetime("2025-07-16T09:05") == "2025年7月16日9时05分"
    assert phrases.cn_date("2025-07-15T20:00:00+00:00") == "2025年7月16日"
    assert [phrases.cn_num(n) for n in (0, 3, 10, 15, 20, 103, 110, 2025)] == [
        "零",
        "三",
        "十",
        "十五",
        "二十",
        "一百零三",
        "一百一十",
        "二千零二十五",
    ]
    laws = [{"law": "《甲条例》", "article": "第一条"}, {"law": "乙法", "article": "第二条"}]
    assert phrases.law_ref(laws) == "《甲条例》第一条、《乙法》第二条"
    assert phrases.law_ref("《甲条例》第一条") == "《甲条例》第一条"
    assert phrases.stance({"stance": "agree", "text": "材料齐全。"}) == "同意。材料齐全。"
    assert phrases.stance({"stance": "agree", "text": "同意立案。"}) == "同意立案。"
    assert phrases.stance({"stance": "disagree", "text": ""}) == "不同意。"


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ("- p: '{{ a('", "第 1 块：文字“{{ a(”写法有误"),
        ("- p: '{{ a() }}'", "不能使用调用函数"),
        ("- q: x", "第 1 块：应当恰有一个种类"),
        ("- {p: x, title: y}", "应当恰有一个种类"),
        ("- table: {head: [a], widths: [1, 2], rows: [[x]]}", "应当一致"),
        ("- form_table: {widths: [1], rows: [[{txt: x}]]}", "不认识的键：txt"),
        ("- form_table: {widths: [1], rows: [[{text: x, span: 0}]]}", "span 应当是不小于 1 的整数"),
        ("- p: x\\ny", "双引号"),
        ("- kv: {a: b}", "kv "),
        ("- ol: [{text: x, fi: y}]", "不认识的键：fi"),
    ],
)
def test_a_wrong_template_is_told_where(blocks, said):
    with pytest.raises(DocumentError) as wrong:
        template.parse(f"code: XX-01\ntitle: 样张\nblocks:\n{blocks}\n".encode(), "XX-01")
    assert "XX-01" in wrong.value.message
    assert said in wrong.value.message


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("[[{text: a}]]", "第 1 行没有填满 2 列"),
        ("[[{text: a, span: 3}]]", "第 1 行的格数超过 2 列"),
        ("[[{text: a, rowspan: 2}, {text: b}], [{text: c, span: 2}]]", "第 2 行的格数超过"),
        ("[[{text: a, rowspan: 2}, {text: b}]]", "rowspan 超出表格"),
    ],
)
def test_a_form_must_fill_its_grid(rows, said):
    content = f"code: XX-01\ntitle: 样张\nblocks:\n- form_table: {{widths: [1, 1], rows: {rows}}}\n"
    with pytest.raises(DocumentError, match=said):
        template.parse(content.encode(), "XX-01").fill({})


def test_a_missing_field_names_document_block_and_field():
    content = "code: XX-01\ntitle: 样张\nblocks:\n- title: 样张\n- p: '{{ forms.report.facts }}'\n"
    with pytest.raises(DocumentError) as missing:
        template.parse(content.encode(), "XX-01").fill({"forms": {}})
    assert missing.value.message == "《样张》（XX-01）不能制作：第 2 块（p）缺少内容“forms.report.facts”。"
    assert (missing.value.code, missing.value.field) == ("document_field_missing", "forms.report.facts")


def test_statutory_clauses_are_known():
    found = template.load("JD-01")
    assert len(found.locked) == 4
    assert template.load("JD-01") is found, "compiled once"


def test_unknown_documents_are_said_so():
    for code in ("ZZ-99", "../JD-01", ""):
        with pytest.raises(DocumentError):
            template.load(code)
