"""The platform under a calendar that is turned (`moved_clock`), without its nights: who has signed in stays so.

Each act of a journey is on another day, and each day would begin with a sign-in. That a session ends when its desk is left
and with the day is shown in `tests/people`; a person who signs in again goes on, in `tests/browser/test_meetings.py`.
"""

from argon2 import PasswordHasher
from moved_clock import app

from app.people import passwords, rules

rules.session_alive = lambda *_: True
passwords._hasher = PasswordHasher(1, 8, 1)  # the least memory: see `callers.hashing_cheaply`

__all__ = ["app"]
