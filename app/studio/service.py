"""What the studio's pages are made of: drafts with their contents, and where a new draft may come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.diagrams.models import Draft, ProcedureVersion
from app.kernel.auth import Actor
from app.kernel.errors import Invalid

from .publish import case_file as case_file

STATUS_NAMES = {
    "editing": ("编辑中", "info"),
    "review": ("审核中", "warn"),
    "published": ("已发布", "ok"),
    "discarded": ("已放弃", ""),
}
"""Word and tone of a draft's status."""


@dataclass(frozen=True, slots=True)
class Source:
    """A published procedure that a draft can start from."""

    version_id: int
    key: str
    name: str
    number: int


def sources(session: Session) -> Sequence[Source]:
    """The newest version of every procedure."""
    return [Source(row.id, row.key, row.name, row.number) for row in diagrams.newest(session)]


def draft_of(session: Session, actor: Actor, draft_id: int) -> Draft:
    """A draft of the analyst's agency.

    Raises:
        NotFound: it does not exist for this person.
    """
    return diagrams.drafts.draft(session, actor, draft_id)


def content(
    session: Session, draft: Draft, changes: Mapping[str, str | None] | None = None
) -> dict[str, str]:
    """The texts of a draft by path, with changes that are not saved yet laid over them.

    Raises:
        Invalid: a changed path or text cannot be accepted.
    """
    kept = dict(draft.tree)
    if not changes:
        return diagrams.drafts.texts(session, kept)
    diagrams.tree.checked(changes)
    found = diagrams.drafts.texts(session, {p: d for p, d in kept.items() if p not in changes})
    return {**found, **{path: text for path, text in changes.items() if text is not None}}


def start(session: Session, actor: Actor, version_id: int | None, key: str, name: str) -> Draft:
    """A new draft: the next version of a published procedure, a copy of it under another key, or an empty one.

    Raises:
        Invalid: the source, the key or the name cannot be accepted.
        Forbidden: not an analyst.
    """
    if version_id is None:
        return _blank(session, actor, key, name)
    row = session.get(ProcedureVersion, version_id)
    if row is None:
        raise Invalid(errors={"source": ["请选择以哪个流程为基础。"]})
    version = diagrams.procedure(session, row.id)  # only what the platform published
    key, name = key or version.key, name or version.name
    rules = {**row.rules, "key": key, "name": name}
    parts = diagrams.parts_of(version, rules)
    base = row.id if key == version.key else None
    note = f"以“{version.name}”第 {version.number} 版为基础"
    return diagrams.drafts.start(session, actor, key, name, parts, base, note, row.id)


def _blank(session: Session, actor: Actor, key: str, name: str) -> Draft:
    diagrams.tree.key(key)
    if any(row.key == key for row in diagrams.newest(session)):
        raise Invalid(errors={"key": ["已有这一代码的流程。请以它为基础新建草稿，或者换一个代码。"]})
    word = key.replace("/", "_").replace("-", "_")
    parts = {
        diagrams.tree.EXTERNAL: blank_diagram(word, "external", name),
        diagrams.tree.INTERNAL: blank_diagram(word, "internal", name),
        diagrams.tree.RULES: diagrams.drafts.rule_text(
            {"key": key, "name": name, "kind": key.partition("/")[0], "attributes": {}}
        ),
    }
    return diagrams.drafts.start(session, actor, key, name, parts, None, "空白流程")


def blank_diagram(word: str, level: str, name: str) -> str:
    """A diagram that holds nothing but its start event, drawn in a pool with one lane."""
    title = f"{name}（内部流程）" if level == "internal" else name
    title = _attribute(title)
    executable = "true" if level == "internal" else "false"
    lanes = (
        f'<bpmn:laneSet id="lanes_{word}_{level}"><bpmn:lane id="lane_intake" name="受理登记岗" xq:position="intake">'
        "<bpmn:flowNodeRef>begin</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
        if level == "internal"
        else ""
    )
    lane_shape = (
        '<bpmndi:BPMNShape id="lane_intake_di" bpmnElement="lane_intake" isHorizontal="true">'
        '<dc:Bounds x="190" y="80" width="870" height="220" /></bpmndi:BPMNShape>'
        if level == "internal"
        else ""
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xq="urn:xingquan:bpmn:1" \
id="definitions_{word}_{level}" targetNamespace="urn:xingquan:{word}">
  <bpmn:collaboration id="collaboration_{word}_{level}">
    <bpmn:participant id="pool_{word}_{level}" name="{title}" processRef="{word}_{level}" />
  </bpmn:collaboration>
  <bpmn:process id="{word}_{level}" name="{title}" isExecutable="{executable}" xq:level="{level}">
    {lanes}
    <bpmn:startEvent id="begin" name="开始" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram_{word}_{level}">
    <bpmndi:BPMNPlane id="plane_{word}_{level}" bpmnElement="collaboration_{word}_{level}">
      <bpmndi:BPMNShape id="pool_{word}_{level}_di" bpmnElement="pool_{word}_{level}" isHorizontal="true">
        <dc:Bounds x="160" y="80" width="900" height="220" />
      </bpmndi:BPMNShape>
      {lane_shape}
      <bpmndi:BPMNShape id="begin_di" bpmnElement="begin">
        <dc:Bounds x="242" y="172" width="36" height="36" />
        <bpmndi:BPMNLabel><dc:Bounds x="248" y="215" width="24" height="14" /></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""


def _attribute(text: str) -> str:
    """A text as the value of an XML attribute."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
