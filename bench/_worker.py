"""A worker process of a measurement: ticks when it is told to, without the pauses between ticks.

Says `ready`, waits for a line, then does what is due until nothing is, and says how much that was.
"""

import sys

from app import create_app
from app.kernel import clock, jobs


def main() -> None:
    application = create_app()
    with application.app_context():
        jobs.run_sweeps(clock.now())  # imports, connections, prepared statements
        print("ready", flush=True)
        for _ in sys.stdin:
            done = 0
            while handled := jobs.run_sweeps(clock.now()):
                done += handled
            print(done, flush=True)


if __name__ == "__main__":
    main()
