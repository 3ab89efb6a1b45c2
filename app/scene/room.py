"""The blueprint of the scene and who may enter."""

from app.kernel.auth import Role, roles
from app.kernel.web import Room

room = Room("scene", __name__)
OFFICER = roles(Role.OFFICER)
