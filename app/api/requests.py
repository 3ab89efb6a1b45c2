"""What the API takes. What is not named here is refused, at every depth."""

from .answers import FORM
from .fields import BodyId, RowId, Strict, chosen, matching, number, open_object, text


class InboxQuery(Strict):
    """Which list, which words, from where on."""

    box = chosen("mine", "positions", "done", load_default="mine")
    q = text(100, load_default="")
    after = matching(
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}\+00:00~[0-9]{1,18}$",
        "请使用上一页答复中的 next。",
        60,
        load_default="",
    )


class CasesQuery(Strict):
    """Which words, before which case."""

    q = text(100, load_default="")
    before = RowId(load_default=None, allow_none=False)


class RecordQuery(Strict):
    """From which entry on."""

    after = matching(r"^[0-9]{1,9}$", "请使用上一页答复中的 next。", 9, load_default="0")


class VerificationQuery(Strict):
    """The check of a QR code's link."""

    k = text(60, load_default=None, allow_none=False)


VERSION = {"description": "读取任务时的 version；也可用 If-Match。"}


class HandIn(Strict):
    """办理：按表单填写的内容."""

    version = number(10**9, load_default=None, metadata=VERSION)
    answers = open_object(FORM, required=True)


class Confirm(Strict):
    """确认."""

    version = number(10**9, load_default=None, metadata=VERSION)


class SendBack(Strict):
    """退回."""

    version = number(10**9, load_default=None, metadata=VERSION)
    reason = text(500, 1, required=True)


class DeskAct(Strict):
    """其他处理：`given` 为该项处理 fields 中各栏目的内容，文字、选项用文本，多选用文本数组，数字也可用整数."""

    version = number(10**9, load_default=None, metadata=VERSION)
    given = open_object(30, load_default=dict)


class MakePaper(Strict):
    """制作文书：按文书的表单填写的内容."""

    answers = open_object(FORM, required=True)


class OpenCase(Strict):
    """发起办件."""

    item_id = BodyId(required=True)


class Prove(Strict):
    """要证明的流程草稿：`rules` 与 rules.yaml 内容相同，`forms` 为表单代码 → 定义，`tables` 为决策表名称 → DMN 1.3 文本，
    `called` 为被调用流程的编号 → BPMN 2.0 XML（不给的按本版平台随附的）."""

    internal = text(1_500_000, 1, required=True, metadata={"description": "内部流程图，BPMN 2.0 XML。"})
    external = text(
        1_500_000, load_default="", metadata={"description": "外部流程图，BPMN 2.0 XML；可以不给。"}
    )
    rules = open_object(200, load_default=dict)
    forms = open_object(500, load_default=dict)
    tables = open_object(100, load_default=dict)
    called = open_object(60, load_default=dict)
