"""The proof of a procedure as this platform has it: diagrams, forms, rule set, templates, service actions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any

from app.diagrams import service as diagrams
from app.diagrams import tables as decision_tables
from app.documents import service as documents
from app.kernel import clock
from app.kernel.actions import ACTIONS
from app.kernel.errors import Invalid
from app.verify.findings import Finding, Severity
from app.verify.proof import Proof, prove
from app.verify.subject import Subject, Template, build

LEVELS: Mapping[Severity, str] = {
    Severity.BLOCK: "阻断",
    Severity.UNPROVEN: "不能证明",
    Severity.WARN: "提醒",
}


@lru_cache(maxsize=1)
def stock() -> Mapping[str, Template]:
    """The templates of the release. They come with the release: they are read once a process."""
    return documents.stock()


def subject_of(
    internal: bytes,
    external: bytes | None,
    rules: Mapping[str, Any],
    forms: Mapping[str, Mapping[str, Any]],
    templates: Mapping[str, str] | None = None,
    tables: Mapping[str, str] | None = None,
) -> tuple[Subject, list[Finding]]:
    """What is proven, with the decision tables compiled in, and what of the rule set could not be read. `templates`
    are the version's own, by code, `tables` its decision tables by name.

    Raises:
        Invalid: a diagram or a decision table is unreadable.
    """
    known = {**stock(), **documents.own_stock(templates or {})}
    compiled = decision_tables.compiled_in(rules, tables or {})
    return build(internal, external, compiled, forms, known, frozenset(ACTIONS))


def proof_of(bundle: diagrams.Bundle) -> Proof:
    """The proof of a bundle by the rules in force today.

    Raises:
        Invalid: a diagram is unreadable.
    """
    parts = (bundle.whole, bundle.external, bundle.rules, bundle.forms)
    return proven(*subject_of(*parts, bundle.templates, bundle.tables))


def proven(subject: Subject, problems: list[Finding]) -> Proof:
    """The proof of a subject, together with what could not be read of it."""
    proof = prove(subject, clock.today())
    if not problems:
        return proof
    return Proof((*problems, *proof.findings), proof.states, False)


def with_findings(proof: Proof, found: Sequence[Finding]) -> Proof:
    """A proof together with what was found beside it, the gravest first."""
    if not found:
        return proof
    order = tuple(LEVELS)
    every = sorted((*found, *proof.findings), key=lambda finding: order.index(finding.severity))
    return replace(proof, findings=tuple(every))


def proof_of_draft(
    internal: bytes,
    external: bytes | None,
    rules: Mapping[str, Any],
    forms: Mapping[str, Mapping[str, Any]],
    tables: Mapping[str, str] | None = None,
    called: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The account of a draft's proof, for programs. `called` are the diagrams it calls, by name; a name that is not
    given is that of the release.

    Raises:
        Invalid: a diagram or the rule set is unreadable, or a call cannot be carried out; the Chinese message says why.
    """
    known = diagrams.calls.reached(internal, {**diagrams.calls.of_release(), **(called or {})})
    if wrong := diagrams.calls.problems(internal, known):
        raise Invalid("；".join(wrong), code="called")
    whole = diagrams.calls.linked(internal, known)
    try:
        return account(proven(*subject_of(whole, external, rules, forms, tables=tables)))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # A draft's rule set and forms may have any shape; what is published has been read by stricter eyes.
        raise Invalid("规则或者表单的写法不对，不能证明。请先改正规则和表单。", code="draft") from error


def account(proof: Proof) -> dict[str, Any]:
    """A proof for programs: verdict, findings with their ways, and the slack of every statutory limit."""
    return {
        "proven": proof.proven,
        "publishable": not proof.blocking,
        "conclusive": proof.conclusive,
        "states": proof.states,
        "findings": [told(finding) for finding in proof.findings],
        "budgets": [
            {
                **asdict(budget),
                "chain": [{"element": element, "days": days} for element, days in budget.chain],
                "loop": list(budget.loop),
                "slack": dict(budget.slack or {}),
            }
            for budget in proof.budgets
        ],
    }


def told(finding: Finding) -> dict[str, Any]:
    """A finding for programs."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "cite": finding.cite,
        "elements": list(finding.elements),
        "diagram": finding.diagram,
        "trace": [{**asdict(step), "set": dict(step.set)} for step in finding.trace],
        "values": dict(finding.values),
    }
