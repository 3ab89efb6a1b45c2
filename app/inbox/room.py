"""The blueprint of the inbox and who may enter."""

from app.kernel.auth import Role, roles
from app.kernel.web import Room

room = Room("inbox", __name__)
OFFICER = roles(Role.OFFICER, Role.ANALYST)
"""Analysts too: the publication of a procedure is a case (`cases.handling`)."""
