"""A worker process that moves cases (see test_moving_workers.py).

`moving_process.py MINUTES [die N | poison ID]`: carry out all due work so many minutes from now. The process is
killed inside the N-th case, or inside the case with this id: after all it writes, before its commit.
"""

import os
import signal
import sys
from datetime import UTC, datetime, timedelta

from app import create_app
from app.cases import moving_run
from app.kernel import jobs

minutes = int(sys.argv[1])
how, which = (sys.argv[2], int(sys.argv[3])) if sys.argv[2:] else ("", 0)
moved = 0
carry_out = moving_run._carry_out


def counted(session, batch, one, actor):
    global moved
    carry_out(session, batch, one, actor)
    session.flush()
    moved += 1
    if which and which == (moved if how == "die" else one.case_id):
        print("dying", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)


moving_run._carry_out = counted
app = create_app({"TESTING": True})
with app.app_context():
    print("ready", flush=True)
    sys.stdin.readline()
    later = datetime.now(UTC) + timedelta(minutes=minutes)
    while jobs.run_effects(later):
        later += timedelta(seconds=1)
    print(moved, flush=True)
