"""The paper of a decision on recusal (回避决定书): the rule set says which document the act brings."""

import pytest

from app.audit import service as audit
from app.documents import service as documents
from app.documents.template import texts_of
from app.kernel.errors import Conflict

from .test_recusal import ask, by_part, decide
from .town import waiting


@pytest.mark.parametrize("approve", [True, False])
def test_the_decision_has_its_paper(stage, desk, approve):
    """回避决定书 comes with the decision, by its number and in the record before it; the party is named as who asked."""
    case = stage("stone-mill", until="report")
    lead, _, third = by_part(desk, waiting(desk, case.case_id, "report"))
    number = ask(desk, case.case_id, lead, lead, "party")
    result = decide(
        desk, case.case_id, number, approve=approve, successor=third if approve else None, reason="已经核实。"
    )
    [told] = result.documents
    assert f"已签发《回避决定书》{told['number']}。" in result.message
    document = documents.by_id(desk, int(told["id"]))
    text = texts_of(document.data["blocks"])
    assert "当事人本人（当事人申请回避）" in text
    assert "已经核实。" in text
    assert ("在本案中回避，不再参与" in text, "在本案中不回避" in text) == (approve, not approve)
    issued, decided = audit.of_case(desk, case.case_id)[-2:]
    assert (issued.kind, [d["number"] for d in issued.documents]) == ("document.issued", [told["number"]])
    assert decided.kind == ("recusal.approved" if approve else "recusal.rejected")
    with pytest.raises(Conflict), desk.begin_nested():
        decide(desk, case.case_id, number, approve=False, reason="再次决定。")
    assert [d.code for d in documents.of_case(desk, case.case_id)].count("LA-09") == 1
