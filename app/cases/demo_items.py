"""What the demonstration's agencies say of their items: what is made public, for each agency and procedure."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import yaml
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.diagrams import service as diagrams
from app.kernel.settings import ROOT
from app.people import service as people

DATA = ROOT / "app" / "catalogue" / "data"
SOURCE = DATA / "demo_items.yaml"
NO_LIMIT = "none"


@lru_cache(maxsize=1)
def said() -> Mapping[str, Any]:
    """`demo_elements.yaml`."""
    found: Mapping[str, Any] = yaml.safe_load((DATA / "demo_elements.yaml").read_text(encoding="utf-8"))
    return found


def items() -> list[Mapping[str, Any]]:
    """The items of the demonstration."""
    found: list[Mapping[str, Any]] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))["items"]
    return found


def load(session: Session) -> None:
    """Take every agency's items over with what is made public of them, as examined before. Twice changes nothing."""
    for item in items():
        for code in item["agencies"]:
            agency_id = people.agency_id_of(session, code)
            told = elements(session, item, people.agency(session, agency_id))
            catalogue.add(session, agency_id, {**item, "elements": told}, said()["approved"] if told else "")
    session.flush()


def elements(session: Session, item: Mapping[str, Any], agency: people.AgencyCard) -> dict[str, Any]:
    """The elements of an item at an agency; nothing of what the platform itself is kept by."""
    if item["type"] not in said()["kinds"]:
        return {}
    number = f"{sum(map(ord, agency.code)) % 90 + 10}"
    words = {
        "agency": agency.name,
        "region": agency.region_name,
        "review_organ": agency.review_organ,
        "court": agency.court,
        "item": item["name"],
        "kinds": "、".join(item["content"].get("kinds") or ()),
        "number": number,
        "place": said()["places"].get(agency.level, ""),
    }
    kind = said()["kinds"][item["type"]]
    found = {key: _filled(value, words) for key, value in said()["said"].items()}
    found |= {key: _filled(kind[key], words) for key in ("duty", "authority")}
    found["level"] = said()["levels"][agency.level]
    found["office"] = said()["offices"][agency.kind]
    found |= _limits(session, item["procedure"]) | _fees(item["code"]) | _discretion(item, kind)
    return {key: value for key, value in found.items() if key not in said()["lacking"].get(item["code"], ())}


def _filled(text: Any, words: Mapping[str, str]) -> Any:
    return text.format_map(words) if isinstance(text, str) else text


def _limits(session: Session, procedure: str) -> dict[str, str]:
    """The statutory limit as the procedure's clock has it, and the promise within it."""
    declared = said()["procedures"].get(procedure)
    if declared is None:
        return {"statutory_unit": NO_LIMIT}
    clocks = diagrams.current(session, procedure).rules.clocks
    limit = str(next(clock["limit"] for clock in clocks if clock["id"] == declared["clock"]))
    number = limit.rstrip("wdmy")
    unit = limit.removeprefix(number)
    return {
        "statutory": number,
        "statutory_unit": unit,
        "promised": str(declared["promised"]),
        "promised_unit": unit,
    }


def _fees(code: str) -> dict[str, Any]:
    fees = said()["fees"].get(code)
    return {"fee": "yes", "fees": fees} if fees else {"fee": "no"}


def _discretion(item: Mapping[str, Any], kind: Mapping[str, str]) -> dict[str, str]:
    """Tiers are told by the item itself; without them a penalty must have none to choose among, or lacks its baseline."""
    if item["content"].get("tiers"):
        return {}
    note = kind.get("discretion_note") or said()["no_range"].get(item["code"])
    return {"discretion": "none", "discretion_note": note} if note else {}
