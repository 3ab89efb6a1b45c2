"""A program of an analyst's has a draft proven; nobody else may ask, nothing is kept."""

from cases.town import Town
from diagrams.test_published_tables import TABLES
from sqlalchemy import func, select

from app.diagrams.bundle import from_folder
from app.diagrams.models import ProcedureVersion

from .programs import V1, program


def draft() -> dict:
    bundle = from_folder("penalty/ordinary")
    return {
        "internal": bundle.internal.decode(),
        "external": bundle.external.decode(),
        "rules": dict(bundle.rules),
        "forms": {key: dict(form) for key, form in bundle.forms.items()},
    }


def ask(town: Town, login: str, body: dict):
    """Ask in a signed-in browser, as the studio does: analysts have no tokens."""
    browser = town.caller(login)
    return browser.client.post(
        f"{V1}/proofs",
        json=body,
        headers={"X-CSRF-Token": browser.token("/account")},
        environ_base={"REMOTE_ADDR": browser.address},
    )


def versions(town: Town) -> int:
    with town.read() as session:
        return session.scalar(select(func.count()).select_from(ProcedureVersion)) or 0


def test_a_lawful_draft_is_proven(town: Town):
    before = versions(town)
    answer = ask(town, "sf-analyst", draft())
    assert answer.status_code == 200, answer.text
    found = answer.get_json()
    assert (found["proven"], found["publishable"], found["conclusive"]) == (True, True, True)
    budget = next(b for b in found["budgets"] if b["id"] == "decision")
    assert 0 < budget["longest"] <= budget["days"] == 56
    assert versions(town) == before


def test_an_unlawful_draft_comes_back_with_its_way(town: Town):
    sent = draft()
    sent["internal"] = sent["internal"].replace(
        ">review_required == True<", ">review_required == True and fine &gt; 900000<"
    )
    found = ask(town, "sf-analyst", sent).get_json()
    assert not found["publishable"]
    finding = next(f for f in found["findings"] if f["rule"] == "P17")
    assert finding["severity"] == "block"
    assert [step["element"] for step in finding["trace"]][-1] == "decide"
    assert finding["values"]


def test_what_cannot_be_read_is_told_in_chinese(town: Town):
    for wrong in ("<no", "x" * 100, "<a/>"):
        answer = ask(town, "sf-analyst", {"internal": wrong})
        assert answer.status_code in (400, 422)
        assert "流程" in answer.get_json()["detail"]
    for wrong in (
        {"clocks": 7, "resets": "x"},
        {"attributes": [1]},
        {"derived": {"a": {"when": {"any": [3]}}}},
    ):
        answer = ask(town, "sf-analyst", {"internal": draft()["internal"], "rules": wrong})
        assert answer.status_code in (200, 400, 422)
        assert answer.is_json


def test_only_analysts_may_ask(town: Town):
    for login in ("hb-officer1", "hb-head", "sf-admin"):
        assert ask(town, login, {"internal": "<a/>"}).status_code == 403
    assert program(town, "hb-officer1").act("/proofs", {"internal": "<a/>"}).status_code == 403
    browser = town.caller("sf-analyst")
    assert browser.client.post(f"{V1}/proofs", json=draft()).status_code == 403


def test_a_draft_is_proven_with_its_decision_tables(town: Town):
    named = draft()
    named["rules"] |= {"tables": ["collective"]}
    named["rules"]["derived"] = {
        k: v for k, v in named["rules"]["derived"].items() if k != "collective_required"
    }
    answer = ask(town, "sf-analyst", named)
    assert answer.status_code == 422
    assert "不存在的决策表“collective”" in answer.get_data(as_text=True)
    answer = ask(town, "sf-analyst", {**named, "tables": {"collective": TABLES["collective"]}})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.json["publishable"] is True
    assert ask(town, "sf-analyst", {**named, "tables": {"collective": 3}}).status_code == 422
