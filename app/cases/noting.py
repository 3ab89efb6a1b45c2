"""Entries of the record for what leaves the procedure where it is. One place makes them, whoever the act is by."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.kernel import events

if TYPE_CHECKING:
    from .locking import Running


def note(
    running: "Running",
    kind: str,
    detail: Mapping[str, Any],
    *,
    officer_id: int | None = None,
    name: str = "",
    position: str = "",
    files: Sequence[str] = (),
    context: Mapping[str, Any] | None = None,
) -> None:
    """Record this of the case; without an officer it is the platform's own doing. `files` are the digests it brought,
    `context` the case's values where `detail` holds data of a form."""
    case = running.case
    events.publish(
        running.session,
        events.CaseNoted(
            case_id=case.id,
            agency_id=case.agency_id,
            region=case.region_code,
            at=running.at,
            actor_id=officer_id,
            actor_name=name,
            actor_position=position,
            procedure=running.procedure.version,
            context=context or {},
            kind=kind,
            detail=detail,
            files=files,
        ),
    )
