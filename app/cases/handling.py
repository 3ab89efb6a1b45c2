"""Which accounts handle which cases: officers by their positions, analysts those alone that govern the procedures.

An analyst draws what others act by, so enforcement is closed to that role in every door (职责分离). The publication of
a procedure is a case too, and its analyst hands it in like any other; kind `governance` marks such procedures.
"""

from typing import Any

from sqlalchemy import ColumnElement, literal, select, true

from app.diagrams.models import ProcedureVersion
from app.kernel.auth import Actor, Role
from app.kernel.errors import Forbidden

from .models import Case

GOVERNANCE = "governance"
"""The kind of procedures by which the platform's own procedures are kept."""
FROM_PAGES = frozenset({"item", "order"})
"""Kinds of which a case begins on a page of its own, or at another agency: they are not offered among what an officer
may open. What is opened past those pages goes nowhere: its first step takes only what the page has made."""


def handles(actor: Actor) -> bool:
    """Whether this account handles cases at all: an administrator may have been an officer once."""
    return actor.officer_id is not None and bool(actor.roles & {Role.OFFICER, Role.ANALYST})


def governs_only(actor: Actor) -> bool:
    """Whether this account handles cases of governance and no others."""
    return Role.ANALYST in actor.roles


def may_handle(actor: Actor, kind: str) -> bool:
    """Whether `handler_of` lets this account act on a case of this kind."""
    barred = governs_only(actor) and kind != GOVERNANCE
    return actor.officer_id is not None and handles(actor) and not barred


def handler_of(actor: Actor, kind: str) -> int:
    """The officer behind an account, for an act on a case of this kind of procedure.

    Raises:
        Forbidden: the account handles no cases, or none of this kind.
    """
    if actor.officer_id is None or not handles(actor):
        raise Forbidden("您的账号不是执法人员账号，不能办理案件。")
    if governs_only(actor) and kind != GOVERNANCE:
        raise Forbidden("流程配置人员不办理执法案件，只办理流程的审核发布。")
    return actor.officer_id


def opener_of(actor: Actor, kind: str) -> int:
    """The officer behind an account that opens a case of this kind.

    Raises:
        Forbidden: it may not; a case of governance is opened by an analyst.
    """
    officer_id = handler_of(actor, kind)
    if kind == GOVERNANCE and not governs_only(actor):
        raise Forbidden("流程的审核发布由流程配置人员在流程工作室中送审。")
    return officer_id


def within(actor: Actor, case_id: Any) -> ColumnElement[bool]:
    """That a case (its id as a column) is of a kind this account handles."""
    if not governs_only(actor):
        return true()
    governed = select(ProcedureVersion.id).where(ProcedureVersion.kind == GOVERNANCE)
    mine = select(literal(1)).where(Case.id == case_id, Case.procedure_id.in_(governed))
    return mine.exists()
