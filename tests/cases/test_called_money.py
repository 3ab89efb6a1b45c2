"""What is owed and what came in meet in one account, wherever the diagram draws them: in the caller or in what it calls."""

import dataclasses
import re
from datetime import date
from decimal import Decimal

import pytest
from diagrams.test_calls import chain

from app.cases import demo
from app.cases.publication import gate
from app.deadlines import service as deadlines
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.kernel.errors import Refused

from .test_migration import APPROVED
from .test_penalty_money import account, at, collect, court, nodes, paid
from .test_returning import options, sound
from .town import hand_in, plan_of

PENALTY = "penalty/ordinary"


def drawn_apart(node: str, position: str) -> bundles.Bundle:
    """The ordinary penalty with one of its tasks in a process of its own that is called."""
    real = diagrams.from_folder(PENALTY)
    text = real.internal.decode()
    (found,) = re.findall(rf'<bpmn:userTask id="{node}".*?</bpmn:userTask>', text, re.DOTALL)
    inner = re.sub(r"\s*<bpmn:(incoming|outgoing)>.*?</bpmn:\1>", "", found)
    links = "".join(re.findall(r"<bpmn:(?:incoming|outgoing)>.*?</bpmn:(?:incoming|outgoing)>", found))
    call = (
        f'<bpmn:callActivity id="{node}_call" name="调用" calledElement="apart">{links}</bpmn:callActivity>'
    )
    text = text.replace(found, call)
    for named in (f'sourceRef="{node}"', f'targetRef="{node}"', f'bpmnElement="{node}"'):
        text = text.replace(named, named[:-1] + '_call"')
    text = text.replace(f"flowNodeRef>{node}<", f"flowNodeRef>{node}_call<")
    called = {**real.called, "apart": chain("apart", inner, lane=position)}
    new = dataclasses.replace(real, internal=text.encode(), called=called)
    return dataclasses.replace(new, digest=bundles.named(new))


def driven(desk, bundle) -> demo.Drive:
    diagrams.publish(desk, bundle, gate, APPROVED)
    drive = demo.Drive(desk, plan_of("road-digger"))
    drive.run("collect")
    return drive


@pytest.mark.parametrize(("node", "position"), [("collect", "finance"), ("serve", "investigator")])
def test_service_and_payment_meet_across_the_border(desk, node, position):
    """The term runs from service, the money comes in at the collection: one of them is in a called process."""
    drive = driven(desk, drawn_apart(node, position))
    pay = next(one for one in deadlines.of_case(desk, drive.case_id) if one.key == "pay")
    assert (pay.state, pay.started_on, court(drive).state) == ("running", date(2025, 8, 29), "running")
    assert account(drive, "2025-09-16").surcharge == Decimal("300.00"), "the first day after the term"
    drive.moment = at("2025-09-12T15:00")
    with pytest.raises(Refused) as caught:
        hand_in(drive, "collect", "cg-finance", given={"paid": "yes"} | paid("2025-09-12", "4000.00"))
    assert caught.value.code == "settled"
    collect(drive, late="urge", **paid("2025-09-12", "4000.00"))
    assert nodes(drive) == {"urge"}
    assert account(drive, "2025-09-16").surcharge == Decimal("180.00"), "on what was left"
    sound(drive)
    why_not = options(drive, "urge", "cg-officer1")["collect"].why_not
    assert "款项已经核对或者收缴" in why_not, "money that came in is a fact, wherever it is drawn"
