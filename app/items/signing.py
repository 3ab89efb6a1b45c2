"""报送签核: before an item is reported, who answers for it signs, with what the validation found at that moment (S0-10).

枣司发〔2019〕19号二（一）4: the agencies examine what goes online and answer for its truth and lawfulness. The record
stays with the version for good: signer, position, moment, findings, and the digest of what was signed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.catalogue.models import ItemVersion
from app.kernel.errors import Refused
from app.kernel.events import StepCompleted
from app.people import service as people

from . import drawing

ARTICLE = "枣司发〔2019〕19号二（一）4：审核上网信息，对真实性、合法性负责（S0-10）"


@dataclass(frozen=True, slots=True)
class Signed:
    """The signature of a version as pages show it."""

    name: str
    position: str
    at: datetime
    result: str
    hints: Sequence[Mapping[str, Any]]
    digest: str


def sign(session: Session, version: ItemVersion, event: StepCompleted) -> None:
    """Keep who has signed, and the validation of this moment.

    Raises:
        Refused: something that must be there is missing by now; every reason is named.
    """
    lacks = drawing.lacks(session, version)
    if blocking := [lack.message.rstrip("。") for lack in lacks if lack.blocks]:
        raise Refused(
            f"校验没有通过，不能签核报送：{'；'.join(blocking)}。请退回修改。",
            code="item_unready",
            article=ARTICLE,
        )
    hints = [{"label": lack.label, "message": lack.message, "source": lack.source} for lack in lacks]
    position = event.task.position if event.task else ""
    version.signed = {
        "officer": event.actor_id,
        "name": people.officer(session, event.actor_id).name,
        "position": people.position_names(session).get(position, position),
        "at": event.at.isoformat(),
        "result": _result(len(hints)),
        "hints": hints,
        "digest": version.digest,
    }
    session.flush()


def _result(hints: int) -> str:
    return f"没有缺项，{hints} 处提醒" if hints else "没有缺项和提醒"


def told(version: ItemVersion) -> Signed | None:
    """The signature of a version; None: it was not signed, or came back since and may have changed."""
    said = version.signed
    if said is None or version.state in drawing.EDITABLE:
        return None
    at = datetime.fromisoformat(said["at"])
    return Signed(said["name"], said["position"], at, said["result"], said["hints"], said["digest"])


def lines(session: Session, version: ItemVersion) -> list[tuple[str, str]]:
    """What stands beside the tasks of a version that is under examination: the signature, or what there is to sign."""
    if signed := told(version):
        return [("报送签核", f"{signed.name}（{signed.position}），{signed.result}")]
    lacks = drawing.lacks(session, version)
    blocking = [lack.label for lack in lacks if lack.blocks]
    if blocking:
        return [("校验结果", f"有缺项：{'、'.join(blocking)}")]
    return [("校验结果", _result(len(lacks)))]
