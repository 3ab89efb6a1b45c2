"""The blueprint of the room."""

from ..kernel.web import Room

room = Room("public", __name__)
