"""Citations are understood as lawyers write them; the texts of articles are taken in from files."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.catalogue import citations, law_commands, library, statutes
from app.kernel.errors import Invalid

STATUTE = """# 示例条例

2020年1月2日 示例机关通过

<!-- INFO END -->

## 第一章 总则

第一条 为了示例，制定本条例。

第二条　示例应当真实。

前款规定适用于全部示例：

（一）第一项；

（二）第二项。

第二条之一 补充的规定。

## 第二章 附则

第十条 本条例自2020年3月1日起施行。
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("《甲法》第五十四条第二款", [("甲法", ("54",))]),
        ("《甲法》第四十二条、第五十四条至第五十六条", [("甲法", ("42",)), ("甲法", ("54", "55", "56"))]),
        ("《甲法》第一百零二条；《乙条例》第十条之一", [("甲法", ("102",)), ("乙条例", ("10-1",))]),
        ("《甲法》第六十四条第一项、第四项", [("甲法", ("64",))]),
        ("枣司发〔2019〕19号二（一）4", []),
        ("《规范行政权力网上运行的规定》九（二）、九（五）", []),
        ("第五条", []),
    ],
)  # fmt: skip
def test_what_a_basis_cites(text, expected):
    found = citations.pieces(text)
    assert "".join(piece.text for piece in found) == text
    assert [(piece.law, piece.articles) for piece in found if piece.articles] == expected


@pytest.mark.parametrize("n", [1, 9, 10, 11, 20, 54, 99, 100, 101, 110, 111, 210, 305, 1004, 1040, 1242])
def test_numbers_go_there_and_back(n):
    assert citations.number(citations.numeral(n)) == n


def test_a_statute_is_read_article_by_article(tmp_path: Path):
    file = tmp_path / "示例条例(2020-01-02).md"
    file.write_text(STATUTE, encoding="utf-8")
    found = statutes.read(file)[0].articles
    assert [a.article for a in found] == ["1", "2", "2-1", "10"]
    assert found[1].text.splitlines()[-1] == "（二）第二项。"
    assert {(a.law, a.version) for a in found} == {("示例条例", date(2020, 1, 2))}
    assert found[2].name == "第二条之一"


@pytest.mark.parametrize(
    ("name", "content"), [("a.json", "{}"), ("a.json", "["), ("a.md", "没有条文"), ("a.json", '[{"law": 1}]')]
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, name, content):
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    with pytest.raises(Invalid):
        statutes.read(file)


def version(text: str, day: str) -> statutes.Statute:
    adopted = date.fromisoformat(day)
    article = statutes.Article("中华人民共和国示例法", "5", text, adopted, "公报")
    return statutes.Statute(article.law, "法律", "", adopted, None, "公报", (article,))


def test_both_versions_stay_and_the_one_in_force_is_read(session):
    assert library.load(session, [version("旧", "2019-01-01")]) == 1
    assert library.load(session, [version("新", "2021-01-01")]) == 1
    assert library.load(session, [version("旧", "2019-01-01"), version("新", "2021-01-01")]) == 0
    assert library.texts(session, "示例法", ["5", "6"])["5"].text == "新"
    assert library.texts(session, "示例法", ["5"], date(2020, 12, 31))["5"].text == "旧"
    assert library.texts(session, "示例法", ["5"], date(2018, 12, 31))["5"].text == "旧", (
        "the first that there was"
    )


def test_the_command_says_what_it_read(town, tmp_path: Path):
    file = tmp_path / "条文.json"
    whole = {
        "articles": [{"law": "示例法", "article": "第三条", "text": "一\n二", "version_date": "2020-01-02"}]
    }
    file.write_text(json.dumps(whole), encoding="utf-8")
    run = CliRunner().invoke(law_commands.law, ["load", str(file)], obj=town.app.app_context)
    assert (run.exit_code, run.output) == (0, "条文.json：读到 1 条，新增或者更新 1 条。\n")
    run = CliRunner().invoke(law_commands.law, ["list"], obj=town.app.app_context)
    assert "《示例法》  1 条  2020-01-02" in run.output
