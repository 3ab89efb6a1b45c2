"""Orders about the legal basis (依据): a statute is amended, repealed or new."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.kernel import words

from . import finding
from .models import ChangeOrder

proposing = catalogue.proposing


class LawKind:
    """A change of the legal basis: recorded when it is confirmed, counting from the day the law itself names."""

    at_once = True

    def proposed(self, order: ChangeOrder) -> proposing.Proposed:
        """What is to be recorded."""
        return proposing.from_json(order.content, finding.day(order), self._source(order))

    def _source(self, order: ChangeOrder) -> str:
        return order.source.strip()

    def matter(self, session: Session, order: ChangeOrder) -> str:
        content = order.content
        return f"{proposing.KINDS[content['change']]}《{content['law']}》"

    def rows(self, session: Session, order: ChangeOrder) -> Sequence[Mapping[str, str]]:
        return proposing.told(session, self.proposed(order))

    def touched(
        self,
        session: Session,
        order: ChangeOrder,
        agencies: Collection[int] | None = None,
        actor: Any = None,
    ) -> Sequence[tuple[str, catalogue.Impact]]:
        """Each statute that stops to be in force as it was, with what that touches, as `catalogue.impact_of` tells it."""
        new = self.proposed(order)
        return [
            (law, catalogue.impact_of(session, law, new.effective_on, new.articles, agencies, actor=actor))
            for law in new.laws
        ]

    def impact(self, session: Session, order: ChangeOrder) -> str:
        told = [
            f"《{law}》涉及权力事项 {len(found.items)} 项、裁量基准 {len(found.baselines)} 项、"
            f"流程 {len(found.procedures)} 个、文书模板 {len(found.templates)} 个、在办案件 {found.cases.total} 件"
            for law, found in self.touched(session, order)
        ]
        return "；".join(told) + "。" if told else "新制定的法律，目前没有引用它的内容。"

    def problems(self, session: Session, order: ChangeOrder) -> Sequence[str]:
        found = proposing.problems(session, self.proposed(order))
        return [text for texts in found.values() for text in texts]

    def wrong_day(self, order: ChangeOrder, day: date) -> str:
        asked = finding.day(order)
        if day == asked:
            return ""
        return f"依据变动的日期是法律规定的（变更单写明{words.day(asked)}），不能另定。日期有误的，请不予确认并写明理由。"

    def subjects(self, order: ChangeOrder) -> Collection[int]:
        return ()

    def carry_out(self, session: Session, order: ChangeOrder, on: date) -> None:
        proposing.carry_out(session, self.proposed(order), f"{finding.number(order)}（{order.case_no}）")


KIND = LawKind()
