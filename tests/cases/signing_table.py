"""A task of a case around which people are asked to sign."""

from typing import Any

from sqlalchemy import select

from app.cases import acts
from app.cases import service as cases
from app.cases.models import Involvement, SignRound, WorkItem
from app.kernel import clock

from .town import actor, answers, waiting


class Table:
    """A task of a case around which people are asked to sign, each act done under a key of its own."""

    def __init__(self, case, session, node: str, login: str):
        self.case, self.session, self.node, self.login = case, session, node, login
        work = waiting(session, case.case_id, node)
        if work.assignee_id is None:
            acts.claim(session, actor(session, login), work.id, case.key())

    @property
    def work(self) -> WorkItem:
        chosen = select(WorkItem).where(WorkItem.case_id == self.case.case_id, WorkItem.node == self.node)
        found = chosen.order_by(WorkItem.id.desc()).execution_options(populate_existing=True)
        return self.session.scalars(found).first()

    @property
    def round(self) -> SignRound:
        chosen = select(SignRound).where(SignRound.work_item_id == self.work.id).order_by(SignRound.id.desc())
        return self.session.scalars(chosen.execution_options(populate_existing=True)).first()

    def member(self, login: str) -> Involvement:
        chosen = select(Involvement).where(
            Involvement.round_id == self.round.id, Involvement.officer_id == self.officer(login)
        )
        return self.session.scalars(chosen.execution_options(populate_existing=True)).one()

    def officer(self, login: str) -> int:
        return actor(self.session, login).officer_id

    def act(self, name: str, login: str = "", key: str = "", version: int = 0, **given: Any):
        work = self.work
        with clock.at(self.case.moment):
            return cases.desk_act(
                self.session, actor(self.session, login or self.login), work.id, version or work.version,
                key or self.case.key(), name, given,
            )  # fmt: skip

    def ask(self, *logins: str, kind: str = "before", rule: str = "all", **given: Any):
        members = [str(self.officer(login)) for login in logins]
        note = given.pop("note", "请就处理意见发表意见。")
        return self.act("sign_add", kind=kind, rule=rule, members=members, note=note, **given)

    def answer(self, login: str, stance: str = "agree", opinion: str = "", **more: Any):
        return self.act("sign_answer", login, stance=stance, opinion=opinion or "意见如此。", **more)

    def hand_in(self, login: str = "", **changes: Any):
        work = self.work
        data = answers(self.case, work.form, **changes)
        with clock.at(self.case.moment):
            return acts.hand_in(
                self.session, actor(self.session, login or self.login), work.id, work.version, self.case.key(),
                lambda *_: data,
            )  # fmt: skip

    def confirm(self, login: str):
        work = self.work
        with clock.at(self.case.moment):
            return acts.confirm(
                self.session, actor(self.session, login), work.id, work.version, self.case.key()
            )

    def menu(self, login: str) -> list[str]:
        person = actor(self.session, login)
        found = cases.desk(self.session, person, self.work.id)
        return [entry.name for entry in cases.desk_menu(found.place(self.session, person))]
