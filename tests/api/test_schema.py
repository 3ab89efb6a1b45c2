"""The API keeps what its own description says: whatever is sent, no 5xx, no status and no shape not announced.

`XQ_SCHEMA_EXAMPLES` asks for a longer run (examples for each operation; 25 without it).
"""

import itertools
import os
from collections.abc import Mapping
from typing import Any

import hypothesis
import pytest
import schemathesis
from cases.town import Town
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation import GenerationMode
from sqlalchemy import select

from app.api import openapi
from app.api.views import room
from app.catalogue.models import PowerItem
from app.deadlines import service as deadlines
from app.documents.models import Document

from .programs import V1, new_key, token_of

load_all_checks()
EXAMPLES = int(os.environ.get("XQ_SCHEMA_EXAMPLES", "25"))
ROLES = ("hb-officer1", "hb-intake", "hb-head", "szzf-officer1", "hb-officer1:read")
"""A handler of the case, who opens cases, the agency's head, another agency, a token that only reads."""
LEFT_OUT = {
    "positive_data_acceptance",  # a well-formed id of nothing is 404, well-formed answers may break the law
    "ignored_auth",  # tests/attacks/test_foreign_ids.py and tests/house/test_routes.py ask this of every route
    "use_after_free",  # nothing is ever deleted through the API
    "ensure_resource_availability",
    "object_level_authorization",  # tests/attacks/test_foreign_ids.py, with real owners
}
HELD = tuple(CHECKS.get_by_names([name for name in CHECKS.get_all_names() if name not in LEFT_OUT]))


@pytest.fixture(scope="module")
def described(town: Town) -> Any:
    """The API's description, led to a WSGI application in this process."""
    return schemathesis.openapi.from_wsgi(f"{V1}/openapi.json", town.app)


@pytest.fixture(scope="module")
def secrets(town: Town) -> list[str]:
    """A token for each role."""
    return [token_of(town, *role.partition(":")[::2]).secret if ":" in role else token_of(town, role).secret
            for role in ROLES]  # fmt: skip


@pytest.fixture(scope="module")
def known(town: Town) -> Mapping[str, Any]:
    """Ids of what is there, so that examples get past the first door."""
    case_id = town.open("stone-mill", "check")
    with town.read() as session:
        document = session.scalars(select(Document).where(Document.case_id == case_id)).first()
        item = session.scalars(select(PowerItem.id)).first()
        clock = deadlines.of_case(session, case_id)[0].id
        return {"case_id": case_id, "work_item_id": town.work(case_id, "check")[0], "document_id": document.id,
                "act": "copy", "code": document.ident_code, "field": "evidence", "item_id": item,
                "clock_id": clock, "agency": "370400-04", "item_code": "ZZ-02-STHJ-003"}  # fmt: skip


OWNERS_ALONE = {"paper"}
"""Answered to who has the task alone, which no example does: tests/api/test_papers_on_demand.py does."""


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", room.operations, ids=lambda operation: operation.endpoint)
@pytest.mark.requirement("S4-10", part="契约测试")
def test_every_operation_keeps_its_description(described, secrets, known, operation, mode):
    found = described[openapi.address(operation)][operation.method]
    turns = itertools.count()
    seen: set[int] = set()

    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(found.as_strategy(generation_mode=mode))
    def hold(case: Any) -> None:
        turn = next(turns)
        if mode is GenerationMode.POSITIVE and turn % 4:
            lead_to_what_is_there(case, known)
        headers = {"Authorization": f"Bearer {secrets[turn % len(secrets)]}"}
        seen.add(case.call_and_validate(headers=headers, checks=HELD).status_code)

    hold()
    let_in = operation.method == "GET" and operation.endpoint not in OWNERS_ALONE
    if mode is GenerationMode.POSITIVE and (let_in or operation.endpoint == "open_case"):
        assert operation.status in seen, "the examples never got past the doors"


def lead_to_what_is_there(case: Any, known: Mapping[str, Any]) -> None:
    """Let an example get past the first door."""
    case.path_parameters = {name: known[name] for name in case.path_parameters or {}}
    if isinstance(case.body, dict) and "item_id" in case.body:
        case.body["item_id"] = known["item_id"]
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = new_key()
