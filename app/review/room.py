"""The blueprint of the review room and who may enter."""

from app.kernel.auth import Role, roles
from app.kernel.web import Room

room = Room("review", __name__)
OFFICER = roles(Role.OFFICER)
