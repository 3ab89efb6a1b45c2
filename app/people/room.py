"""The blueprint of the room: its routes stand in `views` and the modules it imports."""

from app.kernel.web import Room

room = Room("people", __name__)
