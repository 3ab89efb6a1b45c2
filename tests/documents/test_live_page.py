"""A draft on a device without the network says what the platform would print, or says that it does not."""

import json
from pathlib import Path

import pytest

from app.documents import live_page, phrases
from app.documents import service as documents
from app.documents.template import sample_of
from app.forms import service as forms
from app.kernel.settings import ROOT
from app.scene.taking import tried_of

VECTORS = json.loads((Path(__file__).parent / "places.json").read_text(encoding="utf-8"))
FORM = "penalty_investigate"
OTHER = {
    "text": "戊己庚",
    "textarea": "辛壬癸。",
    "date": "2024-02-29",
    "datetime": "2024-02-29T23:59",
    "number": 3,
    "money": "10001.10",
}
"""Values that were not tried beforehand."""


class Paper:
    """A paper of the investigation and the form it is filled in on."""

    def __init__(self, code: str):
        self.code, self.sample = code, sample_of(code)
        self.answers = self.sample["forms"][FORM]
        definition = json.loads((ROOT / "forms" / f"{FORM}.json").read_text(encoding="utf-8"))
        self.items = {item.key: item for item in forms.load(definition).keyed()}

    def context(self, answers):
        return {**self.sample, "forms": {**self.sample["forms"], FORM: dict(answers)}}

    def page(self, answers) -> str:
        return documents.draft_page(self.code, self.context(answers))

    def live(self) -> live_page.LivePage:
        tried = {key: values for key, item in self.items.items() if (values := tried_of(item))}
        return documents.live_draft(self.code, self.context, FORM, self.answers, tried)


@pytest.fixture(scope="module", params=["DC-01", "DC-06"])
def paper(request) -> Paper:
    return Paper(request.param)


def places(page: live_page.LivePage) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for _, key, wording in live_page.SPAN.findall(page.html):
        found.setdefault(key, set()).add(wording)
    return found


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['wording']} {v['value']}")
def test_a_place_is_worded_as_on_the_device(vector):
    assert phrases.worded(vector["value"], vector["wording"]) == vector["text"]


def test_every_wording_is_tried():
    assert {v["wording"] for v in VECTORS} == {"", *phrases.PLACED}


def test_filled_in_it_is_the_page_of_the_platform(in_app, paper):
    page = paper.live()
    assert live_page.filled(page.html, paper.answers, page.blanks) == paper.page(paper.answers)


def test_dates_and_texts_are_places_and_follow_every_value(in_app, paper):
    page = paper.live()
    found = places(page)
    assert len(found) > 4
    assert any(wordings & {"cn_datetime", "cn_date"} for wordings in found.values())
    for key in found:
        item = paper.items[key]
        values = [OTHER[item.type]] if item.type in OTHER else tried_of(item)
        for value in values:
            changed = {**paper.answers, key: value}
            assert live_page.filled(page.html, changed, page.blanks) == paper.page(changed), (key, value)


def test_what_is_blank_on_the_device_is_blank_on_the_platform(in_app, paper):
    page = paper.live()
    for key in page.blanks:
        changed = {**paper.answers, key: ""}
        assert live_page.filled(page.html, changed, page.blanks) == paper.page(changed), key


def test_what_changes_more_than_its_place_is_fixed_and_named(in_app, paper):
    page = paper.live()
    assert page.fixed
    assert not set(page.fixed) & places(page).keys()
    lists = {
        key
        for key, item in paper.items.items()
        if item.type in ("list", "evidence", "file", "person", "party")
    }
    assert not lists & places(page).keys()


def test_a_person_s_text_makes_no_place(in_app, paper):
    wrong = '<b>"〖x" onclick="a〗</b>'
    given = {key: wrong for key, item in paper.items.items() if item.type in ("text", "textarea")}
    html = paper.page({**paper.answers, **given})
    assert "<b>" not in html
    assert "&lt;b&gt;" in html
    assert 'onclick="' not in html
