"""Documents come from the platform's templates alone; a paper made elsewhere is an attachment and decides nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.documents import service as documents
from app.documents import template
from app.documents.models import Document
from app.kernel import files
from app.kernel.errors import Refused

from .town import actor, hand_in


@pytest.mark.requirement("S0-5", part="文书只能由模板生成")
@pytest.mark.parametrize("plan", ["stone-mill", "rooftop-sign", "flour-bags"])
def test_every_document_of_a_case_is_made_from_a_template(stage, desk, plan):
    case = stage(plan)
    made = desk.scalars(select(Document).where(Document.case_id == case.case_id)).all()
    assert made
    for document in made:
        found = template.load(document.code)
        assert document.template_digest == found.digest, document.code
        assert bool(document.number) == bool(found.type_char), document.code


@pytest.mark.requirement("S2-23")
def test_a_decision_made_elsewhere_is_no_decision(stage, desk):
    case = stage("stone-mill", until="serve")
    (ours,) = desk.scalars(
        select(Document).where(Document.case_id == case.case_id, Document.code == "JD-01")
    ).all()
    documents.void(desk, ours, "文书内容有误（演示）", actor(desk, "hb-officer1").officer_id)
    case.moment += timedelta(days=1)
    content = b"%PDF-1.7 a decision typed elsewhere"
    own = {
        "name": "行政处罚决定书.pdf",
        "digest": files.put(content),
        "size": len(content),
        "type": "application/pdf",
    }
    with pytest.raises(Refused) as caught:
        hand_in(case, "serve", "hb-officer1", service_file=[own])
    assert caught.value.code == "document"
    assert "没有有效的行政处罚决定书" in caught.value.message
    left = desk.scalars(
        select(Document.status).where(Document.case_id == case.case_id, Document.code == "JD-01")
    )
    assert left.all() == ["void"]
