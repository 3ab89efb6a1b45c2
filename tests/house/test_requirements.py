"""What the platform is asked to do: every mark names an obligation, and the page says what the tests say."""

import json

import pytest
from click.testing import CliRunner

from app import requirements
from app.kernel.errors import Invalid

HEAD = "import pytest\n"


def written(tmp_path, text):
    """A folder of tests with one file."""
    folder = tmp_path / "tests" / "room"
    folder.mkdir(parents=True)
    (folder / "test_one.py").write_text(HEAD + text, encoding="utf-8")
    return tmp_path / "tests"


def test_all_210_are_there_with_a_check_each():
    found = requirements.read()
    assert len(found) == 210
    for one in found.values():
        assert one.none is not bool(one.function and one.check), one.id
        assert one.source
        assert one.article


def test_every_mark_names_one_of_them_and_the_page_is_current():
    found = requirements.collected()
    assert requirements.PAGE.read_text(encoding="utf-8") == requirements.page(found, requirements.names()), (
        "run script/xq requirements --write"
    )


def test_one_test_that_makes_the_whole_check_meets_it_and_a_part_does_not(tmp_path):
    tests = written(
        tmp_path,
        '@pytest.mark.requirement("S0-6", part="过期")\ndef test_a(): ...\n'
        '@pytest.mark.requirement("S0-8", "S2-60")\ndef test_b(): ...\n',
    )
    found = requirements.collected(tests=tests)
    assert found["S0-6"].state == requirements.State.PART
    assert found["S0-8"].state == found["S2-60"].state == requirements.State.MET
    assert found["S0-1"].state == requirements.State.OPEN
    assert found["S4-61"].state == requirements.State.NONE
    assert [(mark.room, mark.test) for mark in found["S0-8"].marks] == [("room", "test_b")]
    assert requirements.counted(found)[requirements.State.MET] == 2
    assert "（过期）" in requirements.page(found, requirements.names())


def test_parts_that_are_listed_meet_it_together(tmp_path):
    data = tmp_path / "requirements.yaml"
    one = "{article: 一, function: 登记, check: 两项都要, parts: [登记, 撤回]}"
    data.write_text(
        f"sources: {{S1: {{short: 甲, name: 甲}}}}\nrequirements:\n  S1-1: {one}\n", encoding="utf-8"
    )
    mark = '@pytest.mark.requirement("S1-1", part="{}")\ndef test_{}(): ...\n'
    tests = written(tmp_path, mark.format("登记", "a"))
    assert requirements.collected(data, tests)["S1-1"].state == requirements.State.PART
    (tests / "room" / "test_two.py").write_text(HEAD + mark.format("撤回", "b"), encoding="utf-8")
    assert requirements.collected(data, tests)["S1-1"].state == requirements.State.MET
    (tests / "room" / "test_three.py").write_text(HEAD + mark.format("别的", "c"), encoding="utf-8")
    with pytest.raises(Invalid):
        requirements.collected(data, tests)


@pytest.mark.parametrize(
    "text",
    [
        '@pytest.mark.requirement("S9-1")\ndef test_a(): ...\n',
        '@pytest.mark.requirement("S4-61")\ndef test_a(): ...\n',
        "@pytest.mark.requirement\ndef test_a(): ...\n",
        "@pytest.mark.requirement()\ndef test_a(): ...\n",
        'ID = "S0-6"\n@pytest.mark.requirement(ID)\ndef test_a(): ...\n',
        '@pytest.mark.requirement("S0-6", half="x")\ndef test_a(): ...\n',
        '@pytest.mark.requirement("S0-6", part="")\ndef test_a(): ...\n',
        'pytestmark = pytest.mark.requirement("S0-6")\ndef test_a(): ...\n',
        '@pytest.mark.requirement("S0-6")\ndef helper(): ...\n',
    ],
)
def test_a_mark_that_says_nothing_or_something_unknown_is_refused(tmp_path, text):
    tests = written(tmp_path, text)
    with pytest.raises(Invalid):
        requirements.collected(tests=tests)


def test_the_command_tells_people_and_programs():
    told = CliRunner().invoke(requirements.requirements, ["--json"])
    assert told.exit_code == 0
    given = json.loads(told.output)
    assert sum(given["counts"].values()) == len(given["requirements"]) == 210
    shown = CliRunner().invoke(requirements.requirements, [])
    assert shown.exit_code == 0
    assert "共 210 项" in shown.output
