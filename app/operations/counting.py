"""Counts acts on cases once they are committed (flow subscribers)."""

from sqlalchemy.orm import Session

from app.kernel import metrics
from app.kernel.events import CaseOpened, StepCompleted
from app.kernel.transaction import afterwards, elapsed


def on_opened(session: Session, _: CaseOpened) -> None:
    """A case was opened."""
    _count(session, "opened")


def on_step(session: Session, event: StepCompleted) -> None:
    """A task was completed, an event registered, or a timer fired."""
    _count(session, "timer" if event.task is None else "message" if event.task.kind == "message" else "task")


def _count(session: Session, kind: str) -> None:
    session.info["steps"] = session.info.get("steps", 0) + 1

    def told() -> None:
        metrics.STEPS.labels(kind).inc()
        if (
            session.info["steps"] == 1
        ):  # timers fire in batches, the demo city is one: none is one step's time
            metrics.STEP_SECONDS.observe(elapsed(session))

    afterwards(session, told)
