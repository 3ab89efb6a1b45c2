"""A post that no page of ours can produce is refused; a clumsy one is answered with what to mend."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.forms.service import render
from app.kernel.errors import Invalid

from .conftest import context_with, make, text, upload

FORM = make(
    text(),
    {"type": "textarea", "key": "long", "label": "长文", "maxLength": 100},
    {"type": "party", "key": "party", "label": "当事人"},
    {"type": "evidence", "key": "evidence", "label": "证据"},
    {"type": "list", "key": "rows", "label": "明细", "columns": [text("name")], "maxRows": 10},
    {"type": "checkboxes", "key": "kinds", "label": "种类", "options": ["甲", "乙"]},
)


@pytest.mark.parametrize(
    "name",
    [
        "legal_review_passed",
        "party",
        "party.kind.x",
        "party.__class__",
        "evidence",
        "evidence.x.name",
        "evidence.-1.name",
        "evidence.0",
        "evidence.0.",
        "evidence.0.name.deep",
        "evidence.01.name",
        "evidence.9999.name",
        "rows.0.other",
        "a.b",
        "a.0",
        "kinds.0",
        "kinds[]",
        "",
        ".",
        "A",
        "a ",
        "__proto__",
        "constructor",
        "_Bad",
        "_" + "x" * 60,
        "a" * 5000,
        ".".join("a" * 3000),
        "rows." + "0." * 50 + "name",
        "甲",
        "\x00",
    ],
)
def test_unknown_names(name):
    with pytest.raises(Invalid) as caught:
        FORM.parse(MultiDict({name: "true"}))
    assert caught.value.code == "unknown_field"


def test_unknown_names_of_uploads():
    for name in ("a", "nothing", "rows.0.name", "evidence.0.kind"):
        with pytest.raises(Invalid) as caught:
            FORM.parse(MultiDict(), MultiDict({name: upload("x.pdf", b"%PDF-1")}))
        assert caught.value.code == "unknown_field"


def test_unknown_keys_of_answers():
    with pytest.raises(Invalid) as caught:
        FORM.validate({"legal_passed": True}, context_with())
    assert caught.value.code == "unknown_field"


def test_names_of_the_page_never_become_answers():
    answers = FORM.parse(MultiDict({"_csrf": "x", "_version": "3", "a": "b"}))
    assert "_csrf" not in answers
    assert answers["a"] == "b"


def test_a_single_answer_given_twice():
    with pytest.raises(Invalid) as caught:
        FORM.parse(MultiDict([("a", "1"), ("a", "2")]))
    assert caught.value.code == "repeated_field"


@pytest.mark.parametrize(
    "post",
    [
        {f"rows.{n}.name": "x" for n in range(999)},
        {"long": "长" * 5_000_000},
        MultiDict([("kinds", "甲")] * 100_000),
        {f"evidence.{n}.name": "x" * 2000 for n in range(900)},
        {f"x{n}": "" for n in range(50_000)},
    ],
)
def test_huge_posts_are_refused_at_once(post):
    begun = time.perf_counter()
    with pytest.raises(Invalid) as caught:
        FORM.parse(MultiDict(post))
    assert caught.value.code in ("too_large", "unknown_field")
    assert time.perf_counter() - begun < 2


@pytest.mark.parametrize(
    "char", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\ufeff", "\ud800", "\uffff"]
)
def test_invisible_characters_are_taken_out_and_reported(char):
    answers = FORM.parse(MultiDict({"a": f"甲{char}乙", "rows.0.name": f"丙{char}"}))
    assert answers["a"] == "甲乙"
    with pytest.raises(Invalid) as caught:
        FORM.validate(answers, context_with())
    assert set(caught.value.errors) == {"a", "rows.0.name"}


def test_line_ends_count_once_and_single_lines_have_none():
    answers = FORM.parse(MultiDict({"a": "甲\r\n乙", "long": "一\r\n二\r三"}))
    assert answers["a"] == "甲 乙"
    assert answers["long"] == "一\n二\n三"


def test_html_in_answers_stays_text():
    evil = '"><script>alert(1)</script><img src=x onerror=1>'
    post = {
        "a": evil,
        "long": "</textarea>" + evil,
        "party.name": evil,
        "rows.0.name": evil,
        "evidence.0.name": evil,
    }
    answers = FORM.parse(MultiDict(post))
    page = render(
        FORM, answers, {"a": [evil], "nothing": [evil]}, context_with({"stance": "agree", "text": evil})
    )
    assert "<script" not in page
    assert "<img" not in page
    assert "</textarea>&" not in page.replace("</textarea>\n", "")


def test_html_in_a_definition_stays_text():
    evil = "</legend><script>x</script>"
    form = make(
        text(label=evil, help=evil),
        {"type": "radio", "key": "r", "label": evil, "options": [{"value": "'\"><script>", "label": evil}]},
        {
            "type": "text",
            "key": "b",
            "label": "x",
            "visibleWhen": {"field": "a", "op": "eq", "value": '"><script>'},
        },
        {"type": "law", "key": "l", "label": "x", "laws": [evil]},
    )
    assert "<script" not in render(form, {}, None, context_with())


NAMES = st.one_of(
    st.sampled_from(["a", "long", "party.name", "rows.0.name", "kinds", "_x"]), st.text(max_size=20)
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(NAMES, st.text(max_size=50)), max_size=6))
def test_whatever_is_posted_is_read_or_refused(pairs):
    try:
        answers = FORM.parse(MultiDict(pairs))
        data = FORM.validate(answers, context_with())
    except Invalid:
        return
    assert set(data) == {item.key for item in FORM.keyed()}


SHAPES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(("a", "long", "party", "evidence", "rows", "kinds"), SHAPES)))
def test_answers_of_any_shape_are_validated_or_refused(answers):
    with contextlib.suppress(Invalid):
        FORM.validate(answers, context_with())
    render(FORM, answers, None, context_with())
