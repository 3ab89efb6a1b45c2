"""Field rights of a step, at work: what the head of an agency may only read stays what the report said."""

import dataclasses
from copy import deepcopy

import pytest
from sqlalchemy import select

from app.cases import migration
from app.cases.models import Submission
from app.cases.publication import gate
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.kernel import clock
from app.kernel.errors import Invalid
from app.verify import subject as proof

from .town import Town, actor, as_post

REAL = diagrams.from_folder("penalty/ordinary")
KEY = "rights0000000000"


def bundle(*rights: dict) -> bundles.Bundle:
    """The procedure with these rights at the form of the decision."""
    forms = deepcopy({key: dict(form) for key, form in REAL.forms.items()})
    forms["penalty_decide"]["rights"] = list(rights)
    new = dataclasses.replace(REAL, forms=forms)
    return dataclasses.replace(new, digest=bundles.named(new))


READ = {"step": "decide", "fields": {"content": "read"}}


@pytest.fixture(scope="module")
def case_id(town: Town) -> int:
    """A case that waits for its decision, on the version with the rights."""
    found = town.open("road-digger", "decide")
    with town.act() as session:
        version = diagrams.publish(session, bundle(READ), gate, diagrams.approved(1, "枣司案〔2026〕1号")).id
        with clock.at(clock.now()):
            migration.migrate(session, actor(session, "cg-head"), found, version, "字段权限", KEY)
    return found


def test_a_post_of_what_may_only_be_read_is_refused_and_nothing_is_lost(town: Town, case_id: int):
    work, version = town.work(case_id, "decide")
    head = town.caller("cg-head")
    page = head.get(f"/work/{work}").get_data(as_text=True)
    assert "（只读）" in page
    assert 'name="content"' not in page
    answers = {k: v for k, v in town.answers("road-digger", "penalty_decide", "cg").items() if k != "content"}
    fields = {**as_post(answers), "_version": str(version), "_key": KEY + "a"}
    before = town.rows(case_id)
    refused = head.post(f"/work/{work}", {**fields, "content": "改写的内容"})
    assert refused.status_code == 422
    assert "在本环节不能填写" in refused.get_data(as_text=True)
    assert town.rows(case_id) == before

    assert head.post(f"/work/{work}", fields).status_code == 303
    with town.read() as session:
        chosen = select(Submission).where(Submission.case_id == case_id).order_by(Submission.id)
        data = {submission.form: submission.data for submission in session.scalars(chosen)}
    assert data["penalty_decide"]["content"] == data["penalty_report"]["proposal"] != ""


def test_rights_for_a_step_that_does_not_use_the_form_are_not_published(town: Town):
    for name in ("step", "node"):
        wrong = bundle(
            {name: "register" if name == "node" else "src.register", "fields": {"content": "read"}}
        )
        with town.read() as session, pytest.raises(Invalid, match="没有这样的环节使用这个表单"):
            diagrams.publish(session, wrong, gate)


def test_the_proof_does_not_count_on_what_a_step_may_not_fill_in():
    forms = {
        "f": {
            "items": [{"key": "reason", "type": "text", "required": True}],
            "rights": [{"step": "s", "fields": {"reason": "read"}}],
        }
    }
    diagram = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xq="urn:xingquan:bpmn:1">
      <process id="p"><startEvent id="a"/><sequenceFlow id="x" sourceRef="a" targetRef="t"/>
      <userTask id="t" xq:step="s" xq:form="f"/><userTask id="u" xq:step="other" xq:form="f"/></process></definitions>"""
    subject, _ = proof.build(diagram.encode(), forms=forms)
    nodes = subject.internal.nodes
    assert not subject.required(nodes["t"], "reason")
    assert subject.required(nodes["u"], "reason")
