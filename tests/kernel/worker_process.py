"""A worker in a process of its own, driven over its standard input (see test_worker.py).

`drain`: for every line read, a minute later each time, carry out all due jobs and print how many.
`hang N`: the same, but stop for ever inside the N-th job, its transaction open.
`later DAYS`: as `drain`, so many days from now, when every lease has ended; the job named `die` kills the process.
`forever`: `worker.run_forever`; the job named `slow` prints and waits for a line before it ends.
"""

import os
import signal
import sys
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from app import create_app
from app.kernel import jobs, worker

mode = sys.argv[1]
hang_at = int(sys.argv[2]) if mode == "hang" else 0
fired = 0


def say(what: object) -> None:
    print(what, flush=True)


def fire(session, payload):
    global fired
    fired += 1
    session.execute(text("insert into fired values (:timer)"), payload)
    if fired == hang_at:
        say("hanging")
        sys.stdin.read()


def slow(session, payload):
    say("in the job")
    sys.stdin.readline()
    session.execute(text("insert into fired values (:timer)"), payload)


def die(session, payload):
    os.kill(os.getpid(), signal.SIGKILL)


app = create_app()
ahead = timedelta(days=int(sys.argv[2])) if mode == "later" else timedelta(minutes=1)
jobs.register("die", die)
jobs.register("fire", fire)
jobs.register("slow", slow)
if mode == "forever":
    worker.run_forever(app, interval=60)
    say("stopped")
    sys.exit()
with app.app_context():
    say("ready")
    for minute, _ in enumerate(sys.stdin):
        total = 0
        while n := jobs.run_due(datetime.now(UTC) + ahead + timedelta(minutes=minute), limit=50):
            total += n
        say(total)
