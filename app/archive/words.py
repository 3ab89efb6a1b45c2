"""The record in words: what an entry says to somebody who reads the file of a case."""

from collections.abc import Mapping
from typing import Any

from app.audit import service as audit

KINDS = {
    "case.opened": "发起办件",
    "case.exported": "导出案卷",
    "case.migrated": "迁移到流程的另一版本",
    "step.completed": "办结",
    "step.handed_in": "提交，待协办确认",
    "step.sent_back": "协办退回",
    "work.claimed": "签收",
    "message.registered": "登记",
    "timer.fired": "期限届满，自动进入下一环节",
    "clock.light": "计时灯色变化",
    "clock.due": "到期时间变化",
    "clock.suspended": "暂停计时",
    "clock.resumed": "恢复计时",
    "clock.extended": "延长期限",
    "document.issued": "签发文书",
}
LIGHTS = {"normal": "正常", "warning": "临期", "overdue": "超期", "paused": "暂停"}
CAUSES = {"suspend": "暂停", "resume": "恢复", "extend": "延长", "calendar": "节假日安排公布"}
VALUES = {True: "是", False: "否"}


def about(entry: audit.Entry, nodes: Mapping[str, str], labels: Mapping[str, str]) -> str:
    """What an entry says, in one line. `nodes` are the names of the procedure's nodes, `labels` those of the
    attributes."""
    content = entry.content
    parts = [KINDS.get(entry.kind, entry.kind)]
    if node := content.get("node"):
        parts[0] += f"“{nodes.get(node, node)}”"
    if name := content.get("name"):
        parts[0] += f"（{name}）"
    if "light" in content:
        parts.append(LIGHTS.get(content["light"], content["light"]))
    if "cause" in content:
        parts.append(f"事由：{CAUSES.get(content['cause'], content['cause'])}")
    for key, word in (("reason", "理由"), ("from", "自"), ("until", "至"), ("to", "至"), ("limit", "延长")):
        if key in content:
            parts.append(f"{word}：{content[key]}")
    if changes := content.get("set"):
        parts.append("要素：" + "、".join(f"{labels.get(n, n)}＝{_value(v)}" for n, v in changes.items()))
    if opened := content.get("opened"):
        parts.append("下一环节：" + "、".join(nodes.get(node, node) for node in opened))
    for document in entry.documents:
        parts.append(f"签发 {document['code']} {document['number'] or ''}".strip())
    if content.get("finished"):
        parts.append("全案办结")
    return "；".join(parts)


def _value(value: Any) -> str:
    return VALUES[value] if isinstance(value, bool) else str(value)
