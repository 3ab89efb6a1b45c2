"""The door of the room: one more number for the messages, and its jobs."""

from app.kernel import jobs

from . import digest, push, settings
from .counting import Counter
from .counting import register as register_counter
from .settings import Wishes, of

__all__ = ["Counter", "Wishes", "of", "register_counter", "register_jobs"]


def register_jobs() -> None:
    """Tell the job runner of this room's work (done once, when the application is made)."""
    jobs.periodic(digest.PLAN, digest.EVERY, digest.plan)
    jobs.periodic(push.PLAN, push.EVERY, push.plan)
    jobs.register_effect(digest.JOB, digest.act, digest.record)
    jobs.register_effect(settings.CODE_JOB, settings.send_code)
    jobs.register_effect(push.JOB, push.act, push.record)
