"""The record in words: what an entry says to somebody who reads the file of a case."""

from collections.abc import Mapping
from typing import Any

from app.audit import service as audit
from app.cases import service as cases
from app.review import service as review

KINDS = {
    "case.opened": "发起办件",
    "case.exported": "导出案卷",
    "case.binding_asked": "要求装订电子案卷",
    "case.bound": "装订电子案卷",
    "case.kept_longer": "延长案卷的保管期限",
    "case.migrated": "迁移到流程的另一版本",
    "step.completed": "办结",
    "step.handed_in": "提交，待协办确认",
    "step.sent_back": "协办退回",
    "work.cosigned": "协办确认，送会签",
    "sign.completed": "会签完成，办结",
    "work.claimed": "签收",
    "evidence.registered": "登记证据",
    "evidence.amended": "补充证据的登记内容",
    "evidence.set_aside": "不作为证据",
    "evidence.taken_back": "重新作为证据",
    "scene.brought": "从现场带回记录",
    "message.registered": "登记",
    "timer.fired": "期限届满，自动进入下一环节",
    "clock.light": "计时灯色变化",
    "clock.due": "到期时间变化",
    "clock.suspended": "暂停计时",
    "clock.resumed": "恢复计时",
    "clock.extended": "延长期限",
    "document.issued": "签发文书",
    "case.referred": "移交线索，发起办件",
    "case.came_from": "由其他办件移交线索发起",
    "case.applied": "向其他机关申报",
    "case.applied_from": "由其他机关的申报发起",
    "case.followed": "对本案的决定发起后续办件",
    "case.follows": "针对其他案件的决定发起",
    "document.made": "制作文书",
    "recusal.requested": "申请回避",
    "recusal.approved": "决定回避",
    "recusal.rejected": "决定不回避",
    "recusal.lifted": "解除回避",
    **cases.changes.KINDS,
    **dict(cases.desk_kinds()),
    **review.kinds(),
}
LIGHTS = {"normal": "正常", "warning": "临期", "overdue": "超期", "paused": "暂停"}
CAUSES = {
    "suspend": "暂停",
    "resume": "恢复",
    "extend": "延长",
    "calendar": "节假日安排公布",
    "return": "退回或者撤回",
}
VALUES = {True: "是", False: "否"}


def about(entry: audit.Entry, nodes: Mapping[str, str], labels: Mapping[str, str]) -> str:
    """What an entry says, in one line. `nodes` are the names of the procedure's nodes, `labels` those of the
    attributes."""
    content = entry.content
    parts = [KINDS.get(entry.kind, entry.kind)]
    if node := content.get("node"):
        parts[0] += f"“{nodes.get(node, node)}”"
    if remarks := content.get("remarks"):
        parts.append(f"批注{len(remarks)}条")
    if name := content.get("name"):
        parts[0] += f"（{name}）"
    if "light" in content:
        parts.append(LIGHTS.get(content["light"], content["light"]))
    if "stance" in content:
        parts.append(cases.STANCES.get(content["stance"], content["stance"]))
    if "cause" in content:
        parts.append(f"事由：{CAUSES.get(content['cause'], content['cause'])}")
    for key, word in (
        ("person", "人员"),
        ("reason", "理由"),
        ("from", "自"),
        ("until", "至"),
        ("to", "至"),
        ("limit", "延长"),
    ):
        if key in content:
            parts.append(f"{word}：{nodes.get(content[key], content[key]) if key == 'to' else content[key]}")
    if changes := content.get("set"):
        parts.append("要素：" + "、".join(f"{labels.get(n, n)}＝{_value(v)}" for n, v in changes.items()))
    parts += [cases.standards.recorded(one) for one in content.get("standards", ())]
    if opened := content.get("opened"):
        parts.append("下一环节：" + "、".join(nodes.get(node, node) for node in opened))
    parts += [
        f"文书作废 {paper['code']} {paper['number'] or ''}".strip() for paper in content.get("papers", ())
    ]
    if told := content.get("clocks"):
        parts += told
    for document in entry.documents:
        parts.append(f"签发 {document['code']} {document['number'] or ''}".strip())
    if content.get("finished"):
        parts.append("全案办结")
    return "；".join(parts)


def _value(value: Any) -> str:
    return VALUES[value] if isinstance(value, bool) else str(value)
