"""Every document of the procedure can be made from what the forms collect."""

import pytest

pytest.importorskip("app.forms.service")
pytest.importorskip("app.documents.template")
import penalty_story as story

from app.documents import filling, template

if not (story.BUNDLE / "rules.yaml").exists():
    pytest.skip("the diagrams are not here", allow_module_level=True)

STORIES = [case["id"] for case in story.CASES]
CODES = sorted({code for node in story.nodes().values() for code, _ in node.documents})


@pytest.mark.parametrize("case", STORIES)
def test_every_document_of_a_story_is_filled_in_completely(case: str) -> None:
    for act in story.tell(case):
        for code in act.issues:
            found = story.template_of(code)
            found.check_required(act.context)
            day = story.datetime.fromisoformat(act.context["today"]).date()
            title, blocks = filling.fill(found, act.context, filling.draft_facts(found, act.context, day))
            text = title + str(blocks)
            assert "None" not in text, (act.node.id, code)
            assert "【待填" not in text, (act.node.id, code)
            assert "。。" not in text, (act.node.id, code)


def test_the_stories_issue_every_document_of_the_procedure() -> None:
    issued = {code for case in STORIES for act in story.tell(case) for code in act.issues}
    assert issued == set(CODES)


def test_every_form_of_the_diagram_exists_and_writes_known_attributes() -> None:
    for node in story.nodes().values():
        written = {write.attribute for write in story.form(node.form).writes}
        assert written <= set(story.rules()["attributes"]), node.id


def test_every_attribute_is_written_by_some_form_or_set_by_the_agency() -> None:
    written = {write.attribute for node in story.nodes().values() for write in story.form(node.form).writes}
    declared = story.rules()["attributes"]
    assert written == {name for name, one in declared.items() if "setting" not in one}


def test_forms_name_officers_of_positions_that_exist() -> None:
    for node in story.nodes().values():
        assert node.position in story.POSITIONS, node.id


def test_a_secret_informant_is_not_printed() -> None:
    act = next(story.tell("shop-front"))
    found = template.load("LA-01")
    day = story.datetime.fromisoformat(act.context["today"]).date()
    _, blocks = filling.fill(found, act.context, filling.draft_facts(found, act.context, day))
    assert act.data["provider_name"]
    assert act.data["provider_name"] not in str(blocks)
    assert "要求保密" in str(blocks)
