"""The law of the act, or the new one where it is lighter (行政处罚法 37): told where beyond doubt, else left to people."""

import json
from decimal import Decimal

import pytest

from app.catalogue import lenity, ranges
from app.catalogue.lenity import Choice

from .statute_files import shared

OLD = "责令改正，处二万元以上二十万元以下的罚款"


@pytest.mark.parametrize(
    ("old", "new", "choice"),
    [
        (OLD, OLD, Choice.OLD),
        (OLD, "责令改正，处一万元以上二十万元以下的罚款", Choice.NEW),
        (OLD, "责令改正，处二万元以上十万元以下的罚款", Choice.NEW),
        (OLD, "责令改正，处五万元以上五十万元以下的罚款", Choice.OLD),
        (OLD, "责令改正，处一万元以上五十万元以下的罚款", Choice.WEIGH),
        (OLD, "处货值金额一倍以上三倍以下的罚款", Choice.WEIGH),
        (OLD, "给予警告", Choice.WEIGH),
        (OLD + "；情节严重的，吊销许可证", OLD, Choice.NEW),
        (OLD, OLD + "；情节严重的，吊销许可证", Choice.OLD),
        (OLD + "；情节严重的，吊销许可证", "处五万元以上二十万元以下的罚款", Choice.WEIGH),
        (OLD, "可以处以罚款", Choice.WEIGH),
        (OLD, None, Choice.NEW),
        (None, OLD, Choice.OLD),
        ("责令改正", "责令改正", Choice.WEIGH),
    ],
)
def test_the_choice(old, new, choice):
    def read(words):
        return None if words is None else ranges.penalty(words)

    verdict = lenity.compare(read(old), read(new))
    assert verdict.choice is choice
    assert verdict.reasons


def test_the_reasons_say_what_moved():
    verdict = lenity.compare(ranges.penalty(OLD), ranges.penalty("处一万元以上十万元以下的罚款"))
    assert verdict.reasons == (
        "罚款下限降低：2万元以上20万元以下 → 1万元以上10万元以下。",
        "罚款上限降低：2万元以上20万元以下 → 1万元以上10万元以下。",
    )
    assert "从轻" in verdict.told


@pytest.mark.parametrize("pair", [(0, 1), (1, 0)])
def test_lighter_one_way_is_heavier_the_other(pair):
    texts = [OLD, "责令改正，处一万元以上十万元以下的罚款"]
    verdict = lenity.compare(ranges.penalty(texts[pair[0]]), ranges.penalty(texts[pair[1]]))
    assert verdict.choice is (Choice.NEW if pair == (0, 1) else Choice.OLD)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("处5万元以上10万元以下的罚款", ["5万元以上10万元以下"]),
        ("处二百元罚款", ["200元"]),
        ("货值金额百分之五十以上三倍以下的罚款", ["货值金额0.5倍以上3倍以下"]),
        ("处工程合同价款1%以上2%以下的罚款", ["工程合同价款1%以上2%以下"]),
        ("树木赔偿费三至五倍的罚款", ["3倍以上5倍以下"]),
        ("没有违法所得的，处一百二十万元以下罚款", ["120万元以下"]),
    ],
)
def test_ranges_are_read_from_words(words, told):
    found = ranges.penalty(words)
    assert [fine.told for fine in found.fines] == told
    assert not found.unread


def test_what_cannot_be_read_is_not_passed_over():
    assert ranges.penalty("可以按照前款罚款数额的二倍以上五倍以下处以罚款").unread


def test_the_published_ranges_are_read_from_the_articles():
    """190 ranges that were checked one by one against their articles; two are worded so that a person must read them."""
    texts = {
        row["id"]: row["text"] + "\n" + row["full_article"]
        for row in json.loads(shared("data/legal_basis.json").read_text(encoding="utf-8"))["articles"]
    }
    missed, read = set(), 0
    for item in json.loads(shared("data/power_items.json").read_text(encoding="utf-8")):
        if not item["check"].startswith("幅度数值在所引条文"):
            continue
        words = "\n".join(texts[ref] for ref in item["legal_basis_ids"].split(";") if ref)
        found = {(fine.low, fine.high, fine.unit) for fine in ranges.penalty(words).fines}
        for each in item["fine_ranges"]:
            low, high = (
                Decimal(str(each[end])) if each[end] not in (None, "") else None for end in ("min", "max")
            )
            if (low, high, each["unit"]) in found:
                read += 1
            else:
                missed.add(item["item_id"])
    assert (read, missed) == (188, {"ZZ-02-WHLY-002", "ZZ-02-YJGL-012"})
