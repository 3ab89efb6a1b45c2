"""The proof of a draft while it is drawn: again and again, whatever shape its files are in at the moment.

What cannot be read is a finding at its file, and the proof goes on with what could be read of it last.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from app.diagrams import service as diagrams
from app.diagrams import tables as decision_tables
from app.forms import service as forms_room
from app.kernel import clock
from app.kernel.actions import ACTIONS
from app.kernel.errors import Invalid
from app.verify import reader
from app.verify.findings import Finding, Severity
from app.verify.limits import working_days
from app.verify.proof import Proof
from app.verify.recheck import Session
from app.verify.subject import Subject, Template, build

from . import draft_called, former
from .former import Former
from .proving import account, stock, told

Parts = Mapping[str, str]
FILE = "file"
"""Rule id of a finding about a file that cannot be read."""
MOST_KEPT = 12
"""Drafts whose last proof a process keeps: some megabytes each."""
DRAWN = (diagrams.tree.INTERNAL, diagrams.tree.EXTERNAL)
WRONG_SHAPES = (AttributeError, KeyError, TypeError, ValueError, RecursionError)


@dataclass(slots=True)
class _Kept:
    """The last proof of one draft at one person's desk, with the values of its files as last read (path → text and
    value)."""

    session: Session = field(default_factory=Session)
    read: dict[str, tuple[str, Any]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def value(self, path: str, text: str, read: Callable[[str, str], Any]) -> Any:
        """The value of a file.

        Raises:
            Invalid: it cannot be read.
        """
        known = self.read.get(path)
        if known is None or known[0] != text:
            known = self.read[path] = (text, read(text, path))
        return known[1]

    def last(self, path: str) -> Any:
        """The value of a file as it could be read last; None where it never could."""
        return self.read[path][1] if path in self.read else None


class Desks:
    """The last proofs of this process. Only a cache: a proof from the beginning says the same."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = Lock()

    def prove(self, desk: Hashable, parts: Parts, formers: Sequence[Former] = ()) -> dict[str, Any]:
        """The account of the proof of a draft (see `proof_of_parts`). Threads of one desk wait for each other."""
        with self._lock:
            kept = self._kept.setdefault(desk, _Kept())
            self._kept.move_to_end(desk)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        with kept.lock:
            return _prove(parts, kept, formers)


_desks = Desks()


def proof_of_parts(
    parts: Parts, desk: Hashable | None = None, formers: Sequence[Former] = ()
) -> dict[str, Any]:
    """The account of a proof (see `proving.account`) for the files of a draft, for the studio.

    Beside what every account holds, each finding says its file (`path`) and its values in words (`words`, also of
    each step of its way), and `external` says which internal tasks realise which external step. `desk` names
    where the draft is drawn, so that the next proof of it is quick; `formers` what it may only be tighter than.
    """
    return _desks.prove(desk, parts, formers) if desk is not None else _prove(parts, _Kept(), formers)


def _prove(parts: Parts, kept: _Kept, formers: Sequence[Former]) -> dict[str, Any]:
    problems: list[dict[str, Any]] = []
    parts, drawn, wrong = draft_called.laid_in(parts)
    problems += [_unread(diagrams.tree.INTERNAL, message) for message in wrong]
    rules = _rules(parts, kept, problems)
    forms = _values(parts, kept, problems, "forms/", ".json")
    own = _values(parts, kept, problems, "documents/", ".yaml")
    templates = {**stock(), **dict(_templates(own))}
    try:
        rules = _compiled(parts, rules, problems)
        built = None if rules is None else _subject(parts, problems, rules, forms, templates)
        if built is None:
            return _unproven(problems)
        subject, found = built
        proof = kept.session.prove(subject, clock.today())
        proof = Proof((*found, *proof.findings), proof.states, proof.conclusive and not found, proof.budgets)
        answer = account(proof)
        findings = [
            _shown(subject, finding, data, drawn)
            for finding, data in zip(proof.findings, answer["findings"], strict=True)
        ]
        steps = [{**each, "tasks": draft_called.drawn_at(each["tasks"], drawn)} for each in realised(subject)]
        looser = _looser(formers, rules, parts)
    except Invalid as error:
        problems.append(_unread(diagrams.tree.INTERNAL, error.message))
        return _unproven(problems)
    except WRONG_SHAPES:
        kept.session = Session()
        text = "规则或者表单的写法不对，不能证明。请先改正规则和表单。"
        problems.append(_unread(diagrams.tree.RULES, text))
        return _unproven(problems)
    problems += [found for found in looser if found["severity"] == Severity.BLOCK]
    findings += [found for found in looser if found["severity"] != Severity.BLOCK]
    blocked = bool(problems)
    return {
        **answer,
        "proven": answer["proven"] and not blocked,
        "publishable": answer["publishable"] and not blocked,
        "conclusive": answer["conclusive"] and not blocked,
        "findings": [*problems, *findings],
        "external": steps,
    }


def _looser(formers: Sequence[Former], rules: Any, parts: Parts) -> list[dict[str, Any]]:
    """Where the rule set (its tables compiled in) is looser than what it follows."""
    found = former.findings(formers, rules, parts[diagrams.tree.INTERNAL].encode()) if formers else []
    return [{**told(finding), "path": diagrams.tree.RULES, "words": []} for finding in found]


def _unproven(problems: list[dict[str, Any]]) -> dict[str, Any]:
    return {**account(Proof((), 0, False)), "publishable": False, "findings": problems, "external": []}


def _unread(path: str, message: str) -> dict[str, Any]:
    diagram = path.removesuffix(".bpmn") if path.endswith(".bpmn") else ""
    finding = told(Finding(FILE, Severity.BLOCK, message, "", (), diagram))
    return {**finding, "path": path, "words": []}


def _shown(
    subject: Subject, finding: Finding, data: dict[str, Any], drawn: Mapping[str, str]
) -> dict[str, Any]:
    """A finding with its file, and its values as people say them."""
    trace = [
        {
            **step,
            "element": drawn.get(step["element"], step["element"]),
            "words": list(_said(subject, step["set"])),
        }
        for step in data["trace"]
    ]
    words = list(_said(subject, finding.values))
    elements = draft_called.drawn_at(data["elements"], drawn)
    return {**data, "elements": elements, "trace": trace, "words": words, "path": f"{finding.diagram}.bpmn"}


def _said(subject: Subject, values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        word = subject.said(name, value).strip().strip("“”")
        if isinstance(value, str) and word == value:
            word = _labelled(subject, name, value)
        yield f"{subject.label(name)}：{word}"


def _labelled(subject: Subject, name: str, value: str) -> str:
    """What a form calls a value that one of its facts (the kind of a party, say) can take."""
    for raw in subject.forms.values():
        source = (raw.get("writes") or {}).get(name)
        if not isinstance(source, Mapping) or "field" not in source:
            continue
        try:
            fact = str(source["field"])
            known = [item.values_of(fact) for item in forms_room.load(raw).keyed() if fact in item.facts]
        except (Invalid, *WRONG_SHAPES):
            continue
        for labels in known:
            if labels and value in labels:
                return labels[value]
    return value


# ---------------------------------------------------------------- reading what there is


def _subject(
    parts: Parts,
    problems: list[dict[str, Any]],
    rules: Mapping[str, Any],
    forms: Mapping[str, Any],
    templates: Mapping[str, Template],
) -> tuple[Subject, list[Finding]] | None:
    """What is proven; without the external diagram where that cannot be read, None without the internal one."""
    more = (rules, forms, templates, frozenset(ACTIONS))
    missing = [path for path in DRAWN if path not in parts]
    problems += [_unread(path, f"缺少{diagrams.diff.file_name(path)}。") for path in missing]
    internal, external = (parts[path].encode() if path in parts else None for path in DRAWN)
    if internal is None:
        return None
    try:
        return build(internal, external, *more)
    except (
        Invalid
    ):  # one of the two, or both: reading them twice each time would cost as much as many a proof
        unread = [problem for path in DRAWN if path in parts for problem in _faults(path, parts[path])]
        problems += unread
        if any(problem["path"] == diagrams.tree.INTERNAL for problem in unread):
            return None
        return build(internal, None, *more)


def _faults(path: str, text: str) -> Iterator[dict[str, Any]]:
    try:
        if not reader.read(text.encode()):
            yield _unread(path, f"{diagrams.diff.file_name(path)}里没有流程。")
    except Invalid as error:
        yield _unread(path, error.message)


def _rules(parts: Parts, kept: _Kept, problems: list[dict[str, Any]]) -> Mapping[str, Any] | None:
    """The rule set, as last read where it cannot be read now; None where it never could."""
    path = diagrams.tree.RULES
    if path not in parts:
        problems.append(_unread(path, "缺少规则文件。"))
        return None
    try:
        found: Mapping[str, Any] = kept.value(path, parts[path], _rule_set)
    except Invalid as error:
        problems.append(_unread(path, error.message))
        return kept.last(path)
    return found


def _rule_set(text: str, path: str) -> Mapping[str, Any]:
    found = diagrams.texts.read_yaml(text, path)
    if not (isinstance(found, Mapping) and found.get("tables")):
        diagrams.parse_rules(found)  # with decision tables it says all only when they are compiled in
    return found


def _compiled(
    parts: Parts, rules: Mapping[str, Any] | None, problems: list[dict[str, Any]]
) -> Mapping[str, Any] | None:
    """The rule set with the draft's decision tables compiled in; None where they cannot be."""
    if rules is None:
        return None
    names = diagrams.tree.names(parts, "tables", ".dmn")
    tables = {name: parts[f"tables/{name}.dmn"] for name in names}
    if not tables and not rules.get("tables"):
        return rules
    try:
        diagrams.parse_rules(rules, tables)
        return decision_tables.compiled_in(rules, tables)
    except Invalid as error:
        told = next((name for name in names if f"“{name}”" in error.message), None)
        path = f"tables/{told}.dmn" if told else diagrams.tree.RULES
        problems.append(_unread(path, error.message))
        return None


def _values(
    parts: Parts, kept: _Kept, problems: list[dict[str, Any]], folder: str, ending: str
) -> dict[str, Any]:
    """The objects of a folder by the names of their files."""
    found = {}
    read = _object_json if ending == ".json" else _object_yaml
    for path in sorted(parts):
        if not path.startswith(folder) or not path.endswith(ending) or path.endswith(".sample.json"):
            continue
        try:
            value = kept.value(path, parts[path], read)
        except Invalid as error:
            problems.append(_unread(path, error.message))
            value = kept.last(path)
        if value is not None:
            found[path[len(folder) : -len(ending)]] = value
    return found


def _object_json(text: str, path: str) -> Mapping[str, Any]:
    return _object(diagrams.texts.read_json(text, path), path)


def _object_yaml(text: str, path: str) -> Mapping[str, Any]:
    return _object(diagrams.texts.read_yaml(text, path), path)


def _object(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Invalid(f"“{path}”应当是“名称: 内容”的对象。")
    return value


def _templates(own: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Template]]:
    """The draft's document templates as the proof sees them."""
    for code, raw in own.items():
        copies = raw.get("copies")
        yield (
            code,
            Template(
                code,
                str(raw.get("title", code)),
                "\n".join(_texts(raw.get("blocks"))),
                bool(raw.get("type")),
                raw.get("seal") is True,
                copies if isinstance(copies, int) else 1,
            ),
        )


def _texts(value: Any) -> list[str]:
    """Every text in a template's blocks, in order."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [text for each in inner for text in _texts(each)]


# ---------------------------------------------------------------- which tasks realise which external step


def realised(subject: Subject) -> list[dict[str, Any]]:
    """Every external step with the internal tasks that realise it, in the order of the external diagram.

    The longest prefix in `external_steps` decides, else the same tag. The last entry (`element` empty) holds the
    internal tasks that belong to no external step. `days`: the working days the step's statutory limit is good for.
    """
    if subject.external is None:
        return []
    prefixes = [
        (str(prefix), str(external))
        for external, found in (subject.rules.get("external_steps") or {}).items()
        for prefix in (found if isinstance(found, list) else [found])
    ]

    def owner(tag: str) -> str:
        fitting = [(len(p), e) for p, e in prefixes if tag == p or tag.startswith(p + ".")]
        return max(fitting)[1] if fitting else tag

    of_step: dict[str, list[str]] = {}
    for node in (
        n for process in (subject.internal, *subject.called.values()) for n in process.nodes.values()
    ):
        if tag := subject.step(node):
            of_step.setdefault(owner(tag), []).append(node.id)
    found = []
    for node in subject.external.nodes.values():
        if tag := subject.step(node):
            limit = node.attributes.get("limit", "")
            found.append(
                {
                    "element": node.id, "step": tag, "name": node.name, "limit": limit,
                    "basis": node.attributes.get("basis", ""), "from": node.attributes.get("from", ""),
                    "days": working_days(limit) if limit else None, "tasks": of_step.get(tag, []),
                }
            )  # fmt: skip
    tags = {entry["step"] for entry in found}
    lost = [key for tag, keys in of_step.items() if tag not in tags for key in keys]
    untagged = [node.id for node in subject.tasks() if not subject.step(node)]
    return [
        *found,
        {
            "element": "",
            "step": "",
            "name": "",
            "limit": "",
            "basis": "",
            "from": "",
            "days": None,
            "tasks": [*lost, *untagged],
        },
    ]
