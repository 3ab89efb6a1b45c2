"""Record the database a release leaves behind, for the test that later releases can take it over.

    cd <checkout of that release> && python <this file> <target>/<revision>.dump

Runs with the code of the release in the current folder: its migrations, its demonstration, its acts.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from app import create_app
from app.cases import demo, demo_content
from app.kernel import migrations, postgres, postgres_software
from app.kernel.db import db
from app.kernel.transaction import transaction
from app.people import demo as people_demo

CASES = {"stone-mill": None, "shop-front": None, "road-digger": None, "dust-heap": "report"}
"""The demonstration's journeys, and one case left under way."""


def main(target: Path) -> None:
    """Write the dump."""
    folder = Path(tempfile.mkdtemp(prefix="xq-"))
    folder.chmod(0o711)
    try:
        with postgres.running(folder, ("-c", "fsync=off")) as address:
            app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": address})
            with app.app_context():
                migrations.upgrade(db.engine)
                with transaction() as session:
                    people_demo.load_demo(session)
                    demo.prepare(session)
                for name, until in CASES.items():
                    with transaction() as session:
                        demo.Drive(session, demo_content.case_of(name)).run(until)
                db.engine.dispose()
            plain = address.replace("+psycopg", "")
            command = [
                postgres_software.find().binaries / "pg_dump",
                "-Fc",
                "--compress=gzip:9",
                "--no-owner",
            ]
            subprocess.run([*command, "--file", target, "--dbname", plain], check=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
