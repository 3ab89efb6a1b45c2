"""Events and persons the tests of this room act with."""

from datetime import datetime

from app.deadlines import service
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.events import CaseOpened, LiveTask, StepCompleted

CASE, AGENCY, REGION = 7, 3, "370400"


def task(task_id: str, limit: str = "5wd", **attributes: str) -> LiveTask:
    values = attributes | ({"limit": limit} if limit else {})
    return LiveTask(task_id, "node", "立案审批", "user", "deputy", values)


def opened(session, *tasks: LiveTask, case: int = CASE, rows: dict[str, int] | None = None) -> None:
    event = CaseOpened(
        case_id=case,
        agency_id=AGENCY,
        region=REGION,
        at=clock.now(),
        actor_id=None,
        procedure="penalty/ordinary",
        context={"attributes": {}},
        opened=tasks,
        work_items=rows or {},
    )
    service.on_event(session, event)


def step(
    session,
    *steps: str,
    opened: tuple[LiveTask, ...] = (),
    closed: tuple[str, ...] = (),
    data: dict | None = None,
    finished: bool = False,
    case: int = CASE,
    at: datetime | None = None,
    **attributes: object,
) -> None:
    service.on_event(
        session,
        StepCompleted(
            case_id=case,
            agency_id=AGENCY,
            region=REGION,
            at=at or clock.now(),
            actor_id=1,
            procedure="penalty/ordinary",
            context={"attributes": attributes},
            data=data or {},
            steps=steps,
            opened=opened,
            closed=closed,
            finished=finished,
        ),
    )


def actor(*positions: str, agency: int = AGENCY) -> Actor:
    return Actor(5, 9, "演示·甲", agency, "演示局", REGION, frozenset(), frozenset(positions))


def only(session, key: str = "decision", case: int = CASE) -> service.ClockView:
    [view] = [view for view in service.of_case(session, case) if view.key == key]
    return view
