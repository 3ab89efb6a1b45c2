"""Tells the demo cases act by act, without engine and database: what each document would be made from.

Run as a program it writes the `sample.json` of the templates from these stories.
"""

import copy
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from app.cases import demo_content
from app.diagrams.bundle import from_folder
from app.engine.service import evaluate

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "bpmn" / "penalty" / "ordinary"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
XQ = "{urn:xingquan:bpmn:1}"

POSITIONS = (
    "intake",
    "investigator",
    "team_lead",
    "case_review",
    "legal_review",
    "hearing",
    "deputy",
    "head",
)
POSITIONS += ("finance", "archive")
STEMS = "甲子乙丑丙寅丁卯戊辰己巳庚午辛未壬申癸酉甲戌乙亥丙子丁丑戊寅己卯庚辰辛巳壬午癸未"
OFFICERS = {
    key: [(n, f"{STEMS[2 * n - 2 : 2 * n]}{n:03d}(演示)") for n in (2 * place + 1, 2 * place + 2)]
    for place, key in enumerate(POSITIONS)
}
AGENCIES = {
    "370400-02": ("枣庄市市场监督管理局", "枣市监"),
    "370400-03": ("枣庄市城市管理局", "枣城管"),
    "370400-04": ("枣庄市生态环境局", "枣环"),
    "370400-07": ("枣庄市应急管理局", "枣应急"),
    "370402-03": ("枣庄市市中区综合行政执法局", "市中综执"),
}
BEGINNING = (
    *("register", "check", "file_review", "file_approve", "invest_plan", "investigate"),
    *("report", "lead_review", "pre_review"),
)
ENDING = ("close_propose", "close_approve")
WAYS = {
    "penalty": (
        *("notice_approve", "notice_serve", "party_response", "decide", "decision_doc", "serve"),
        *("publish", "collect", "urge", "urge_check", "court_apply"),
    ),
    "no_penalty": ("decide", "nopenalty_doc", "serve_other"),
    "transfer": ("decide", "transfer_do"),
}


def _of_the_ordinary_penalty() -> frozenset[str]:
    source = ROOT / "app" / "catalogue" / "data" / "demo_items.yaml"
    items = yaml.safe_load(source.read_text(encoding="utf-8"))["items"]
    return frozenset(item["code"] for item in items if item["procedure"] == "penalty/ordinary")


ORDINARY = _of_the_ordinary_penalty()
CASES = [case for case in demo_content.content()["cases"] if case["item"] in ORDINARY]
"""The demo cases that run on the ordinary penalty."""


@dataclass(frozen=True, slots=True)
class Node:
    """A task or a registrable event of the diagram: its form, its position, the documents it issues."""

    id: str
    name: str
    position: str
    form: str
    documents: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Act:
    """One completed task: validated data, the case's context right after it, the documents it issues."""

    node: Node
    data: Mapping[str, Any]
    context: dict[str, Any]
    issues: tuple[str, ...]


@cache
def nodes() -> Mapping[str, Node]:
    """The nodes of the internal diagram that have a form."""
    root = ET.fromstring(from_folder("penalty/ordinary").whole)  # noqa: S314 - our own file
    lanes = {
        reference.text.strip(): lane.get(f"{XQ}position", "")
        for lane in root.iter(f"{BPMN}lane")
        for reference in lane.iter(f"{BPMN}flowNodeRef")
        if reference.text
    }
    found = {}
    for element in root.iter():
        if form := element.get(f"{XQ}form"):
            documents = tuple(
                (d.get("code", ""), d.get("if", ""))
                for d in element.iter(f"{XQ}document")
                if d.get("when") != "demand"
            )
            identity = element.get("id", "")
            found[identity] = Node(
                identity, element.get("name", ""), lanes.get(identity, ""), form, documents
            )
    return found


def template_of(code: str) -> Any:
    """A document's template: the procedure's own, or the release's."""
    from app.documents import template

    own = BUNDLE / "documents" / f"{code}.yaml"
    return template.of_text(own.read_text(encoding="utf-8"), code) if own.is_file() else template.load(code)


@cache
def rules() -> Mapping[str, Any]:
    return yaml.safe_load((BUNDLE / "rules.yaml").read_text(encoding="utf-8"))


@cache
def form(key: str) -> Any:
    from app.forms import service

    return service.load(json.loads((ROOT / "forms" / f"{key}.json").read_text(encoding="utf-8")))


def officers() -> list[Any]:
    """Everybody as the forms see them, with every certificate."""
    from app.forms import service

    return [
        service.OfficerOption(
            identity,
            name,
            frozenset({position}),
            dict.fromkeys(("enforcement", "legal", "hearing"), f"演示证-370400-{identity:04d}"),
        )
        for position, group in OFFICERS.items()
        for identity, name in group
    ]


def acts_of(case: Mapping[str, Any]) -> Iterator[tuple[str, datetime]]:
    """The nodes a case passes and when: those of its journey, or the common way to its outcome."""
    if path := demo_content.path_of(case):
        yield from ((act["node"], datetime.fromisoformat(act["at"])) for act in path)
        return
    at = datetime.fromisoformat(f"{case['opened']}T10:00")
    for node in (*BEGINNING, *WAYS[case["outcome"]], *ENDING):
        if node == "court_apply":
            at += timedelta(days=210)  # six months for an action, and then some
        yield node, at
        at += timedelta(days=3)


def tell(case_id: str) -> Iterator[Act]:
    """The acts of a demo case, in order."""
    from app.forms import service

    case = demo_content.case_of(case_id)
    context = _opening(case)
    done: dict[str, int] = {}
    for node_id, at in acts_of(case):
        node = nodes()[node_id]
        raw = demo_content.answers(case, node.form, done.get(node.form, 0), OFFICERS, at)
        done[node.form] = done.get(node.form, 0) + 1
        known = service.FormContext(officers(), None, at.date())
        data = form(node.form).validate(raw, known)
        _derive(context["attributes"], form(node.form).routing(data))
        _tell(context, node, data, at)
        issues = tuple(code for code, condition in node.documents if _holds(condition, context["attributes"]))
        yield Act(node, data, copy.deepcopy(context), issues)
        context["documents"] += [_issued(code, context) for code in issues]


def _opening(case: Mapping[str, Any]) -> dict[str, Any]:
    name, abbreviation = AGENCIES[case["agency"]]
    return {
        "case": {
            "no": f"{case['agency']}-2025-000012",
            "title": case["title"],
            "cause": case["cause"],
            "opened_on": case["opened"],
        },
        "agency": {
            "name": name,
            "abbreviation": abbreviation,
            "code": case["agency"],
            "region": case["agency"][:6],
            "review_organ": "枣庄市人民政府",
            "court": "枣庄市薛城区人民法院",
            "payment": {
                "bank": "演示银行枣庄分行营业部",
                "name": "枣庄市财政局非税收入专户（演示）",
                "account": "0000 1111 2222 3333 444",
            },
            "address": "山东省枣庄市薛城区演示路1号",
            "phone": "0632-0000000",
            "demo": True,
        },
        "party": {},
        "handlers": [],
        "forms": {},
        "history": [],
        "attributes": {name: given["default"] for name, given in rules()["attributes"].items()},
        "documents": [],
        "actor": {},
        "today": "",
    }


def _derive(attributes: dict[str, Any], written: Mapping[str, Any]) -> None:
    from app.forms import conditions

    attributes.update(written)
    params = {name: given["value"] for name, given in rules()["params"].items()}
    for name, given in rules()["derived"].items():
        attributes[name] = conditions.evaluate(given["when"], attributes, params)


def _tell(context: dict[str, Any], node: Node, data: dict[str, Any], at: datetime) -> None:
    by = OFFICERS[node.position][0][1]
    opinion = data.get("opinion")
    context["forms"][node.form] = data
    if node.form == "penalty_lead":
        context["party"] = data["party"]
    if node.form == "penalty_check":
        context["handlers"] = [
            {"name": name, "certificate": f"演示证-370400-{identity:04d}", "role": role}
            for (identity, name), role in zip(OFFICERS["investigator"], ("主办", "协办"), strict=True)
        ]
    context["history"].append(
        {
            "node": node.id,
            "name": node.name,
            "form": node.form,
            "data": {},
            "by": by,
            "at": at.isoformat(timespec="seconds") + "+08:00",
            "opinion": opinion if isinstance(opinion, dict) else None,
        }
    )
    context["actor"] = {"name": by, "position": node.position}
    context["today"] = at.date().isoformat()


def _holds(condition: str, attributes: Mapping[str, Any]) -> bool:
    return not condition or evaluate(condition, attributes)


def _issued(code: str, context: Mapping[str, Any]) -> dict[str, Any]:
    found = template_of(code)
    abbreviation, year = context["agency"]["abbreviation"], context["today"][:4]
    number = f"{abbreviation}{found.type_char}〔{year}〕12号" if found.type_char else None
    return {"code": code, "title": found.name, "number": number, "issued_on": context["today"]}


SAMPLES = {
    "stone-mill": ["LA-01", "DC-01", "DC-06", "DC-10", "DC-11", "DC-19", "SH-01", "SH-02", "SD-01", "JA-01"],
    "locked-exit": ["GZ-01"],
    "road-digger": ["GZ-04", "GZ-06", "GZ-08", "GZ-09", "ZX-03"],
    "pharmacy-log": ["JD-02"],
    "spiked-pills": ["LA-05"],
    "market-aisle": ["ZX-07"],
}

if __name__ == "__main__":
    for story, wanted in SAMPLES.items():
        for act in tell(story):
            for code in set(act.issues) & set(wanted):
                target = ROOT / "documents" / code / "sample.json"
                target.write_text(
                    json.dumps(act.context, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
                )
