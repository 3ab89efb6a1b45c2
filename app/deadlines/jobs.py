"""What the worker does for this room. Importing the module registers it."""

from app.kernel import jobs

from .service import RECOMPUTE, raise_alert, recompute_job, turn_lights

jobs.register(RECOMPUTE, recompute_job)
jobs.register_sweep("deadlines.lights", turn_lights, "select min(next_light_at) from clock")
jobs.periodic("deadlines.calendar_alert", 24 * 3600, raise_alert)
