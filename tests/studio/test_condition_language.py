"""The studio reads conditions as the engine and the proof do, writes what it read, and says it in Chinese."""

import ast
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.diagrams import bundle
from app.engine import expressions
from app.kernel.errors import Invalid
from app.verify.guards import flow_condition
from app.verify.reader import read

HERE = Path(__file__).parent
ATTRIBUTES = {
    "fine": {"type": "number", "label": "罚款金额（元）", "options": []},
    "paid_sum": {"type": "number", "label": "已缴金额（元）", "options": []},
    "major": {"type": "boolean", "label": "重大执法决定", "options": []},
    "filing_ok": {"type": "boolean", "label": "批准立案", "options": []},
    "outcome": {
        "type": "choice",
        "label": "处理意见",
        "options": [{"value": "penalty", "label": "给予行政处罚"}, {"value": "transfer", "label": "移送"}],
    },
}
SIGNS = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in",
    ast.NotIn: "not in", ast.Add: "+", ast.Sub: "-", ast.Mult: "*",
}  # fmt: skip


def studio(texts: list[str]) -> list[dict[str, Any]]:
    """What the front end makes of each text."""
    done = subprocess.run(
        ["node", str(HERE / "conditions.mjs")],
        input=json.dumps({"texts": texts, "attributes": ATTRIBUTES}),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def accepted(text: str) -> bool:
    """Whether both the engine and the proof take a condition."""
    try:
        expressions.parse(text)
        flow_condition(text)
    except Invalid:
        return False
    return True


def shape(node: ast.AST) -> dict[str, Any]:
    """Python's tree in the words of the studio's."""
    if isinstance(node, ast.Expression):
        return shape(node.body)
    if isinstance(node, ast.BoolOp):
        return {
            "kind": "and" if isinstance(node.op, ast.And) else "or",
            "parts": [shape(v) for v in node.values],
        }
    if isinstance(node, ast.UnaryOp):
        return {"kind": "not" if isinstance(node.op, ast.Not) else "minus", "part": shape(node.operand)}
    if isinstance(node, ast.Compare):
        rest = zip(node.ops, node.comparators, strict=True)
        return {
            "kind": "compare",
            "first": shape(node.left),
            "rest": [{"sign": SIGNS[type(op)], "value": shape(value)} for op, value in rest],
        }
    if isinstance(node, ast.BinOp):
        sides = {"left": shape(node.left), "right": shape(node.right)}
        return {"kind": "calculation", "sign": SIGNS[type(node.op)], **sides}
    if isinstance(node, ast.Name):
        return {"kind": "name", "name": node.id}
    if isinstance(node, ast.Tuple | ast.List):
        return {"kind": "list", "parts": [shape(part) for part in node.elts]}
    assert isinstance(node, ast.Constant)
    if isinstance(node.value, bool):
        return {"kind": "truth", "value": node.value}
    if node.value is None:
        return {"kind": "nothing"}
    if isinstance(node.value, str):
        return {"kind": "text", "value": node.value}
    return {"kind": "number", "value": str(node.value) if isinstance(node.value, int) else node.value}


names = st.sampled_from(["fine", "major", "outcome", "_hidden", "数额", "é", "paid_sum"])
numbers = st.one_of(
    st.integers(-(10**17), 10**17).map(str), st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["0x1F", "1_000", "007", "1.", ".5", "1e3", "0o17", "2j", "1e999", "00"]),
)  # fmt: skip
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
odd_texts = ["'a' \"b\"", "b'a'", "r'\\d'", '"""a"""', r"'\x41\u4e00\101\q'"]
texts = st.one_of(words.map(repr), words.map(json.dumps), st.sampled_from(odd_texts))
constants = st.one_of(numbers, texts, st.sampled_from(["True", "False", "None", "..."]))


def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = ["==", "!=", "<", "<=", ">", ">=", "in", "and", "or", "+", "-", "*", "/", "**", "is", ",", "%"]
    signs += ["not in", "is not"]
    return st.one_of(
        st.tuples(inner, st.sampled_from(signs), inner).map(" ".join),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner, st.sampled_from(["and", "or"]), inner).map(
            " ".join
        ),
        inner.map(lambda text: f"not {text}"),
        inner.map(lambda text: f"-{text}"),
        inner.map(lambda text: f"({text})"),
        st.lists(inner, max_size=3).map(lambda parts: f"({', '.join(parts)})"),
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)},]"),
        st.tuples(inner, inner).map(lambda pair: f"{pair[0]}({pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"{pair[0]}[{pair[1]}]"),
        inner.map(lambda text: f"{text}.real"),
        inner.map(lambda text: f"{text} if True else False"),
    )


wild = st.recursive(st.one_of(names, constants), joined, max_leaves=7)
sums = ["fine * 3", "fine + 5", "fine - paid_sum", "-3", "2.50"]
amounts = st.one_of(st.sampled_from(["fine", "paid_sum"]), st.integers(0, 200000).map(str))
tame_value = st.one_of(amounts, st.sampled_from(sums))
tame = st.recursive(
    st.one_of(
        st.tuples(tame_value, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), tame_value).map(" ".join),
        st.sampled_from(
            [
                "major",
                "major == True",
                "filing_ok != True",
                "False == major",
                "fine",
                "outcome",
                "10 <= fine < 500",
            ]
        ),
        st.sampled_from(
            ['outcome == "penalty"', "outcome in ('penalty', 'transfer')", 'outcome not in ["transfer"]']
        ),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
        inner.map(lambda text: f"not ({text})"),
        inner.map(lambda text: f"({text})"),
    ),
    max_leaves=6,
)
WORLDS = [
    {"fine": fine, "paid_sum": paid, "major": major, "filing_ok": not major, "outcome": outcome}
    for fine in (0, 5, 10, 499, 10000)
    for paid in (0, 5, 600)
    for major in (True, False)
    for outcome in ("penalty", "transfer", "no_penalty")
]
many = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)


@many
@given(st.lists(wild, min_size=5, max_size=25))
def test_what_the_studio_reads_the_server_reads_alike(batch: list[str]):
    for text, found in zip(batch, studio(batch), strict=True):
        if "refused" in found:
            continue
        assert accepted(text), text
        expected = shape(expressions.parse(text)[2])
        assert found["tree"] == expected, text
        assert accepted(found["written"]), (text, found["written"])
        assert shape(expressions.parse(found["written"])[2]) == expected, (text, found["written"])
        assert found["sentence"], text


@many
@given(st.lists(tame, min_size=5, max_size=25))
def test_the_studio_reads_whatever_the_server_takes(batch: list[str]):
    for text, found in zip(batch, studio(batch), strict=True):
        assert accepted(text) == ("refused" not in found), (text, found)


@many
@given(st.lists(tame, min_size=5, max_size=25))
def test_what_the_drop_downs_write_decides_as_the_text_did(batch: list[str]):
    shown = 0
    for text, found in zip(batch, studio(batch), strict=True):
        if not found.get("rewritten"):
            continue
        shown += 1
        for world in WORLDS:
            assert expressions.evaluate(text, world) == expressions.evaluate(found["rewritten"], world), (
                text, found["rewritten"], world,
            )  # fmt: skip
    assert shown


def test_every_shipped_condition_is_shown_by_the_drop_downs():
    shipped = bundle.from_folder("penalty/ordinary")
    conditions = [
        flow.condition
        for process in read(shipped.internal)
        for flow in process.flows.values()
        if flow.condition
    ]
    assert len(conditions) > 20
    for text, found in zip(conditions, studio(conditions), strict=True):
        assert "refused" not in found, (text, found)
        assert found["tree"] == shape(expressions.parse(text)[2])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fine >= 10000 and major == True", "罚款金额（元） 大于等于 10000 且 重大执法决定 为 是"),
        ("not major", "重大执法决定 为 否"),
        ('outcome in ("penalty", "transfer")', "处理意见 为 给予行政处罚、移送 之一"),
        (
            'outcome == "transfer" or fine > paid_sum and major',
            "处理意见 为 移送 或者 "
            "（罚款金额（元） 大于 已缴金额（元） 且 重大执法决定 为 是）",
        ),
        ("fine * 3 - 5 > paid_sum", "罚款金额（元） 乘以 3 减 5 大于 已缴金额（元）"),
        ("not (fine < 5 or major)", "并非（罚款金额（元） 小于 5 或者 重大执法决定 为 是）"),
        ("0 < fine <= 10", "0 小于 罚款金额（元） 且 罚款金额（元） 小于等于 10"),
    ],
)  # fmt: skip
def test_conditions_read_as_sentences(text: str, said: str):
    assert studio([text])[0]["sentence"] == said


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("fine = 3", "两个等号"),
        ("fine ＞ 3", "半角的 >"),
        ("fine > 3 and", "没有写完"),
        ("major is True", "不能用 is"),
        ("case.fine > 3", "点号"),
        ("sum(fine) > 3", "不能调用函数"),
        ("fine * 2000 > 3", "不超过 1000"),
        ("outcome == 'penalty", "结尾的引号"),
        ("fine > 3 major", "and"),
        ("", "1 至 500"),
        ("fine > 3\nand major", "一行"),
        ("(fine > 3) == True", "不能是另一个条件"),
    ],
)
def test_a_wrong_condition_is_told_what_to_do(text: str, hint: str):
    assert not accepted(text)
    assert hint in studio([text])[0]["refused"]
