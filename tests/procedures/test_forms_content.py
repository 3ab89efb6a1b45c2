"""The forms, demo answers and document templates of the ordinary penalty procedure fit together."""

import itertools
import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from penalty_story import CASES

from app.cases import demo_content

ROOT = Path(__file__).parents[2]
DEFER = ("enforce_defer", "enforce_defer_propose", "enforce_defer_review")
"""What the procedure shares with the enforcement: paying later or by instalments."""
FORMS = {
    path.stem: path
    for path in sorted((ROOT / "forms").glob("*.json"))
    if path.stem.startswith("penalty_") or path.stem in DEFER
}
CONTEXT_ROOTS = {
    "case": {"no", "title", "cause", "opened_on"},
    "agency": {
        "name",
        "abbreviation",
        "code",
        "region",
        "review_organ",
        "court",
        "payment",
        "address",
        "phone",
    },
    "party": {"kind", "name", "id_code", "legal_representative", "address", "phone"},
    # of a case that another one handed over: its own, and what the form `inspect_refer` says
    "source": {"case_no", "title", "item", "party", "at"}
    | {"source", "cause", "happened_on", "place", "summary", "suggestion"},
    "account": {"unpaid", "surcharge_left", "due_on", "received", "receipts"},
    "applied_law": {"acted_on", "differs", "choice", "words", "standard"},
}
WRITES = {
    "penalty_lead": {"party_kind"},
    "penalty_file_review": {"filing_review_ok"},
    "penalty_file_approve": {"filing_ok"},
    "penalty_invest_plan": {"preserve"},
    "penalty_preserve_approve": {"preserve_ok"},
    "penalty_report": {"outcome", "fine", "confiscated", "harsh", "complex", "public_interest"},
    "penalty_lead_review": {"report_ok"},
    "penalty_pre_review": {"pre_ok"},
    "penalty_notice_approve": {"notice_ok"},
    "penalty_party_response": {"plea_received", "plea_oral", "hearing_requested", "response_final"},
    "penalty_hearing_notice": {"hearing_public"},
    "penalty_hearing_hold": {"hearing_held"},
    "penalty_plea_review": {"proposal_changed"},
    "penalty_legal_review": {"legal_passed"},
    "penalty_rectify": {"proposal_changed"},
    "penalty_collective": {"collective_done"},
    "penalty_decide": {"decided_outcome", "fine", "confiscated", "harsh"},
    "penalty_refer": {"decided_outcome"},
    "penalty_handed_reply": {"handed"},
    "penalty_police_object": {"handed"},
    "penalty_resume": {"invest_more"},
    "penalty_publish": {"publish_ok"},
    "penalty_collect": {"paid", "late"},
    "enforce_defer": {"defer_ok"},
    "penalty_urge_check": {"paid_after_urge"},
    "penalty_close_approve": {"close_ok"},
}
POSITIONS = (
    "intake",
    "investigator",
    "team_lead",
    "case_review",
    "legal_review",
    "hearing",
    "deputy",
    "head",
)
OFFICERS = {
    key: [(10 * number + 1, f"{key}一(演示)"), (10 * number + 2, f"{key}二(演示)")]
    for number, key in enumerate(POSITIONS, 1)
}
LATER = datetime.fromisoformat("2025-12-01T10:00")


def definition(key: str) -> dict[str, Any]:
    return json.loads(FORMS[key].read_text(encoding="utf-8"))


def keys_of(form: dict[str, Any]) -> list[str]:
    return [item["key"] for item in form["items"] if "key" in item]


def fields_of(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        if "field" in tree:
            yield tree["field"]
        for value in tree.values():
            yield from fields_of(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from fields_of(value)


def test_the_procedure_has_its_45_forms() -> None:
    assert len(FORMS) == 45


@pytest.mark.parametrize("key", FORMS)
def test_a_form_is_named_by_its_file_and_has_unique_keys(key: str) -> None:
    form = definition(key)
    assert form["key"] == key
    assert len(keys_of(form)) == len(set(keys_of(form)))


@pytest.mark.parametrize("key", FORMS)
def test_conditions_and_writes_refer_to_fields_of_the_form(key: str) -> None:
    form = definition(key)
    used = {field.partition(".")[0] for field in fields_of([form["items"], form.get("writes", {})])}
    assert used <= set(keys_of(form))


@pytest.mark.parametrize("key", FORMS)
def test_a_form_writes_what_the_procedure_routes_by(key: str) -> None:
    assert set(definition(key).get("writes", {})) == WRITES.get(key, set())


@pytest.mark.parametrize("key", FORMS)
def test_prefill_paths_lead_to_earlier_answers(key: str) -> None:
    for field, path in definition(key).get("prefill", {}).items():
        assert field in keys_of(definition(key))
        root, name, *rest = path.split(".")
        if root == "forms":
            assert rest[0] in keys_of(definition(name)), path
        else:
            assert name in CONTEXT_ROOTS[root], path


def test_lists_that_are_prefilled_keep_their_columns() -> None:
    """A prefilled table whose columns differ would silently lose a column the officer filled in before."""
    items = {(key, item["key"]): item for key in FORMS for item in definition(key)["items"] if "key" in item}
    for key in FORMS:
        for field, path in definition(key).get("prefill", {}).items():
            if path.startswith("forms."):
                _, name, source = path.split(".")
                here, there = items[key, field], items[name, source]
                textual = {"text", "textarea"}
                assert here["type"] == there["type"] or {here["type"], there["type"]} <= textual, (key, field)


# --- demo answers ------------------------------------------------------------------------------------------

JOURNEYS = list(dict.fromkeys(case["journey"] for case in CASES if "journey" in case))
JOURNEY_ACTS = [
    (name, index)
    for name in JOURNEYS
    for index in range(len(demo_content.content()["journeys"][name]["path"]))
]
DEFAULTS = [
    (case["id"], form)
    for case in CASES
    if "journey" not in case
    for form in demo_content.content()["defaults"]
    if form in FORMS
    and (form != "penalty_nopenalty_doc" or "nopenalty_ground" in case)
    and (form != "penalty_transfer" or "crime" in case)
    and form
    not in ("penalty_enforce_refer", "penalty_refer")  # choose among an agency's items: see tests/cases
]


def acted(name: str, index: int) -> tuple[str, dict[str, Any], date]:
    """The form, the answers and the day of the act number `index` of a journey."""
    case = next(case for case in demo_content.content()["cases"] if case.get("journey") == name)
    path = demo_content.path_of(case)
    at = datetime.fromisoformat(path[index]["at"])
    earlier = sum(act["form"] == path[index]["form"] for act in path[:index])
    form = path[index]["form"]
    return form, demo_content.answers(case, form, earlier, OFFICERS, at), at.date()


def first_act(name: str, form: str) -> int:
    path = demo_content.content()["journeys"][name]["path"]
    return next(number for number, act in enumerate(path) if act["form"] == form)


def form_context(day: date) -> Any:
    context = pytest.importorskip("app.forms.service")
    officers = [
        context.OfficerOption(
            identity, name, frozenset({key}), {"enforcement": "演示", "hearing": "演示", "legal": "演示"}
        )
        for key, group in OFFICERS.items()
        for identity, name in group
    ]
    return context.FormContext(officers, None, day)


def load(key: str) -> Any:
    return pytest.importorskip("app.forms.service").load(definition(key))


@pytest.mark.parametrize("key", FORMS)
def test_the_form_engine_accepts_every_definition(key: str) -> None:
    assert load(key).key == key


def validated(form: str, answers: dict[str, Any], day: date) -> dict[str, Any]:
    from app.kernel.errors import Invalid

    try:
        return load(form).validate(answers, form_context(day))
    except Invalid as refused:
        pytest.fail(f"{form}: {refused.errors or refused}")


@pytest.mark.parametrize(("name", "index"), JOURNEY_ACTS)
def test_the_answers_of_a_journey_are_valid_on_their_day(name: str, index: int) -> None:
    form, answers, day = acted(name, index)
    data = validated(form, answers, day)
    given = {key for key, value in answers.items() if value not in ("", [], None)}
    assert given == {key for key, value in data.items() if value not in ("", [], None)}, "an answer is hidden"


@pytest.mark.parametrize(("case", "form"), DEFAULTS)
def test_the_default_answers_carry_any_case(case: str, form: str) -> None:
    facts = demo_content.case_of(case)
    validated(form, demo_content.answers(facts, form, 0, OFFICERS, LATER), LATER.date())


def test_every_form_has_demo_answers() -> None:
    content = demo_content.content()
    answered = set(content["defaults"]) & set(FORMS)
    for journey in (content["journeys"][name] for name in JOURNEYS):
        answered |= set(journey["answers"])
        assert {act["form"] for act in journey["path"]} == set(journey["answers"])
    assert answered == set(FORMS)


@pytest.mark.parametrize(
    ("name", "form", "expected"),
    [
        ("main", "penalty_lead", {"party_kind": "organisation"}),
        ("main", "penalty_file_approve", {"filing_ok": True}),
        ("main", "penalty_report", {"outcome": "penalty", "fine": 250000, "harsh": False, "complex": False}),
        ("main", "penalty_party_response", {"response_final": True, "plea_received": False}),
        ("main", "penalty_legal_review", {"legal_passed": True}),
        ("main", "penalty_collect", {"paid": True}),
        ("refusal", "penalty_file_approve", {"filing_ok": False}),
        ("hearing", "penalty_party_response", {"response_final": False, "plea_received": True}),
        ("hearing", "penalty_legal_review", {"legal_passed": False}),
        ("hearing", "penalty_collect", {"paid": False, "late": "defer"}),
    ],
)
def test_the_first_answers_route_as_the_story_says(name: str, form: str, expected: dict[str, Any]) -> None:
    data = validated(*acted(name, first_act(name, form)))
    assert load(form).routing(data).items() >= expected.items()


def test_a_point_with_a_problem_never_counts_as_passed() -> None:
    """行政处罚法第五十八条: approval in words does not heal a defect found."""
    _, answers, _ = acted("main", first_act("main", "penalty_legal_review"))
    answers |= {"law": "存在问题", "law_note": "裁量幅度与基准不符。"}
    form = load("penalty_legal_review")
    assert form.routing(form.validate(answers, form_context(LATER.date())))["legal_passed"] is False


def test_an_investigation_without_showing_certificates_is_refused() -> None:
    """行政处罚法第五十五条."""
    from app.kernel.errors import Invalid

    form = load("penalty_investigate")
    answers = demo_content.answers(
        demo_content.case_of("dust-heap"), "penalty_investigate", 0, OFFICERS, LATER
    )
    answers["id_shown"] = "no"
    with pytest.raises(Invalid) as refused:
        form.validate(answers, form_context(LATER.date()))
    assert set(refused.value.errors) == {"id_shown"}


def test_demo_cases_name_known_forms_and_obviously_fictional_parties() -> None:
    for case in demo_content.content()["cases"]:
        key, code = case["id"], case["party"]["id_code"]
        assert code.startswith("99") if case["party"]["kind"] == "person" else "X" * 3 in code, key
        assert re.fullmatch(r"3704\d\d(-\d\d|\d{3})", case["agency"]), key


def test_every_demo_case_rests_on_an_item_of_its_agency() -> None:
    items = yaml.safe_load((ROOT / "app/catalogue/data/demo_items.yaml").read_text(encoding="utf-8"))["items"]
    offered = {(agency, item["code"]) for item in items for agency in item["agencies"]}
    assert {(case["agency"], case["item"]) for case in demo_content.content()["cases"]} <= offered


def test_discretion_tiers_have_neither_gap_nor_overlap() -> None:
    items = yaml.safe_load((ROOT / "app/catalogue/data/demo_items.yaml").read_text(encoding="utf-8"))["items"]
    for item in items:
        tiers = item.get("content", {}).get("tiers", [])
        assert all(left["high"] == right["low"] for left, right in itertools.pairwise(tiers)), item["code"]
        if tiers:
            assert tiers[0]["low"] == item["content"]["fine"][0]["min"], item["code"]
            assert tiers[-1]["high"] == item["content"]["fine"][0]["max"], item["code"]
