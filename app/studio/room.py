"""The studio's blueprint and who may enter."""

from app.kernel.auth import Role, roles
from app.kernel.web import Room

room = Room("studio", __name__)
ANALYST = roles(Role.ANALYST)
