"""Prepare a running demonstration for the pages of moving and sight: more cases, and a second version of their
procedure, under other names and without one task's place. A program; prints the second version's id."""

import dataclasses

from callers import hashing_cheaply

from app import create_app
from app.cases import demo, demo_content
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.kernel.transaction import transaction

RENAMED = (
    ('name="立卷归档"', 'name="整理归档"'),
    ('name="法制审核" xq:step', 'name="重大决定法制审核" xq:step'),
)
STAGES = ("legal_review", "legal_review", "decide", "check", "file_approve", "collective", "archive")


def second_version() -> bundles.Bundle:
    """The procedure with other names."""
    real = diagrams.from_folder("penalty/ordinary")
    text = real.internal.decode()
    called = dict(real.called)
    for old, new in RENAMED:
        text = text.replace(old, new)
        called = {name: drawn.replace(old, new) for name, drawn in called.items()}
    for attribute in ("id", "sourceRef", "targetRef", "bpmnElement"):
        text = text.replace(f'{attribute}="check"', f'{attribute}="check_facts"')
    text = text.replace(">check<", ">check_facts<")
    new = dataclasses.replace(real, internal=text.encode(), called=called)
    digest = bundles.named(new)
    return dataclasses.replace(new, digest=digest)


def more_cases(session) -> None:
    """Several at each of some stages."""
    for number, stage in enumerate(STAGES * 3):
        plan = {**demo_content.case_of("stone-mill"), "id": f"moving{number:06d}"}
        demo.Drive(session, plan).run(stage)


if __name__ == "__main__":
    with create_app({"TESTING": True}).app_context(), hashing_cheaply():
        with transaction() as session:
            more_cases(session)
        with transaction() as session:
            approved = diagrams.approved(1, "枣司案〔2026〕1号")
            print(diagrams.publish(session, second_version(), lambda *_: [], approved).id)
