"""Every kind of administrative power that a city puts online has a procedure that runs."""

import pytest
from sqlalchemy import select

from app.catalogue.models import PowerItem
from app.diagrams import service as diagrams

KINDS = {"licence", "penalty", "compulsion", "levy", "inspection", "confirmation", "payment", "adjudication"}


@pytest.mark.requirement("S1-1")
def test_each_kind_has_a_published_procedure_on_an_item(town):
    """许可, 处罚, 强制, 征收和收费, 检查, and 确认, 给付, 裁决 besides: the journeys run them to the archive."""
    with town.read() as session:
        keys = session.scalars(select(PowerItem.procedure).distinct()).all()
        kinds = {diagrams.current(session, key).rules.kind for key in keys}
    assert kinds >= KINDS
