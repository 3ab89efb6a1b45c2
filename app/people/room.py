"""The blueprint of the room: its routes stand in `views` and `admin_views`."""

from app.kernel.web import Room

room = Room("people", __name__)
