"""One demo case brought to its archive in a city that is served already, as its own journey shows it in
`test_penalty_ordinary`. Run as a program on the city's DATABASE_URL with the name of the case; prints its number."""

import sys

from app import create_app
from app.cases import demo, demo_content
from app.cases.models import Case
from app.kernel.transaction import transaction


def load(name: str) -> str:
    """Drive the case; its number."""
    with transaction() as session:
        drive = demo.Drive(session, {**demo_content.case_of(name), "until": "archive"})
        return session.get_one(Case, drive.run()).no


if __name__ == "__main__":
    with create_app().app_context():
        print(load(sys.argv[1]))
