"""The door of the room."""

from collections.abc import Mapping

from app.cases import service as cases

from . import calling_off, hearing_acts, hearing_fill, meeting_acts, meeting_fill, rules
from .legal_bench import Bench
from .legal_keeping import on_step
from .legal_reminders import install as install_reminders
from .legal_views import bench_of
from .sitting_bench import sitting_bench_of

__all__ = [
    "Bench",
    "bench_of",
    "install_reminders",
    "install_sittings",
    "kinds",
    "on_step",
    "sitting_bench_of",
]


def install_sittings() -> None:
    """Tell the gates of cases how a meeting or hearing held on the platform is found (done once)."""
    cases.install_sitting(rules.order().steps, meeting_fill.find)
    cases.install_sitting(rules.hearing_steps()[:2], hearing_fill.find)
    cases.install_sitting_end(calling_off.end)


def kinds() -> Mapping[str, str]:
    """What the acts of this room are called in the record."""
    return {**meeting_acts.kinds(), **hearing_acts.kinds()}
