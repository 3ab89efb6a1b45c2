"""What the worker does for this room. Importing the module registers it."""

from app.kernel import jobs

from .service import raise_alert, turn_lights

jobs.register_sweep("deadlines.lights", turn_lights)
jobs.periodic("deadlines.calendar_alert", 24 * 3600, raise_alert)
