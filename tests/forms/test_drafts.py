"""Drafts: one for each person and page, the last save wins, gone when the act is done."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.forms.models import FormDraft
from app.forms.service import draft_saved_at, drop_draft, load_draft, save_draft
from app.kernel.errors import Invalid


def test_saved_loaded_replaced_dropped(session: Session):
    assert load_draft(session, 1, "work:1") is None
    first = save_draft(session, 1, "work:1", {"facts": "一", "rows": [{"name": "甲"}]})
    assert load_draft(session, 1, "work:1") == {"facts": "一", "rows": [{"name": "甲"}]}
    second = save_draft(session, 1, "work:1", {"facts": "二"})
    assert load_draft(session, 1, "work:1") == {"facts": "二"}
    assert draft_saved_at(session, 1, "work:1") == second >= first
    assert session.scalar(select(func.count()).select_from(FormDraft)) == 1
    drop_draft(session, 1, "work:1")
    drop_draft(session, 1, "work:1")
    assert load_draft(session, 1, "work:1") is None
    assert draft_saved_at(session, 1, "work:1") is None


def test_nobody_sees_the_draft_of_another_person_or_page(session: Session):
    save_draft(session, 1, "work:1", {"facts": "一"})
    assert load_draft(session, 2, "work:1") is None
    assert load_draft(session, 1, "work:2") is None


def test_a_draft_has_a_limit(session: Session):
    with pytest.raises(Invalid) as caught:
        save_draft(session, 1, "work:1", {"facts": "长" * 2_000_000})
    assert caught.value.code == "too_large"
