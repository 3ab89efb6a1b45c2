"""A template written to take all time or memory is refused while it is filled in, and values of a wrong shape are told."""

from typing import Any

import pytest

from app.documents.blocks import BlockError, compile_expression, compile_text
from app.documents.wording import scope_of

CONTEXT = {"rows": [{"x": "值"}] * 200, "day": "昨天", "many": [1], "long": "长" * 60_000}

GROWING = {
    "repetitions inside repetitions": "{% for a in rows %}" * 3 + "{% set d = a %}" + "{% endfor %}" * 3,
    "literals inside literals": "{% set l = [1,2,3,4,5,6,7,8,9,10] %}"
    + "{% for a in l %}" * 9
    + "{% endfor %}" * 9,
    "a text joined to itself": "{% set a = 'xxxxxxxxxx' %}"
    + "{% set a = a ~ a ~ a ~ a ~ a ~ a ~ a ~ a %}" * 12
    + "{{ a|length }}",
    "a text added to itself": "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a + a %}" * 40 + "{{ a|length }}",
    "a list added to itself": "{% set a = [1] %}" + "{% set a = a + a %}" * 40 + "{{ a|length }}",
    "a separator that grows": "{% set s = 'xxxxxxxxxx' %}"
    + "{% set s = rows|map('length')|join(s) %}" * 9
    + "{{ s|length }}",
    "a long output": "{% for a in rows %}{{ long }}{% endfor %}",
}


@pytest.mark.parametrize("source", GROWING.values(), ids=GROWING)
def test_what_grows_without_end_is_refused(source: str):
    with pytest.raises(BlockError, match=r"过多|超过"):
        compile_text(source)(scope_of(CONTEXT))


def test_an_expression_that_grows_is_refused():
    source = "(long ~ long)|length"
    with pytest.raises(BlockError, match="超过"):
        compile_expression(source, "条件")(scope_of(CONTEXT))


def test_what_people_write_is_not_touched():
    text = "{% for r in rows %}{{ r.x }}{% if not loop.last %}、{% endif %}{% endfor %}"
    assert compile_text(text)(scope_of(CONTEXT)) == "、".join(["值"] * 200)
    assert compile_text("{{ 'a' ~ 1 ~ day }}")(scope_of(CONTEXT)) == "a1昨天"
    assert compile_expression("1 in many and day ~ 'x' == '昨天x'", "条件")(scope_of(CONTEXT)) is True


@pytest.mark.parametrize("name", ["counted", "joined"])
def test_no_text_may_name_what_counts(name: str):
    with pytest.raises(BlockError, match="没有"):
        compile_text(f"{{{{ rows|{name} }}}}")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("{{ many|cn_date }}", "种类不合"),
        ("{{ day|cn_date }}", "不是日期"),
        ("{{ rows|law_ref }}", "种类不合"),
        ("{% if day > 3 %}x{% endif %}", "种类不合"),
    ],
)
def test_a_value_of_another_shape_is_told_in_chinese(source: str, told: str):
    with pytest.raises(BlockError, match=told) as caught:
        compile_text(source)(scope_of(CONTEXT))
    assert not any(word in str(caught.value) for word in ("Invalid", "object", "supported"))


SYNTAX: dict[str, Any] = {
    "{{ a": "没有写完",
    "{{ a.b. }}": "缺少名称",
    "{% if x %}a": "没有结束",
    "{% foo %}": "不认识的标记“foo”",
    "{{ a|nofilter }}": "没有“nofilter”这种格式",
    "{{ }}": "没有内容",
    "{{ f(1) }}": "不能使用调用函数",
    "{{ a * 2 }}": "不能使用乘法",
    "{{ a b }}": "“b”处写法有误",
}


@pytest.mark.parametrize("source", SYNTAX)
def test_a_mistake_of_writing_is_told_in_chinese(source: str):
    with pytest.raises(BlockError, match=SYNTAX[source]):
        compile_text(source)
