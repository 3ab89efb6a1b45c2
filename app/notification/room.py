"""The blueprint of the room."""

from app.kernel.web import Room

room = Room("notification", __name__)
