"""What the API answers about the acts on a task besides handing it in."""

from marshmallow import fields

from .fields import RowId, Strict, chosen, nested, number, several, text


class ActLine(Strict):
    """可以对任务作的一项处理."""

    name = text(40, required=True, metadata={"description": "地址中使用的固定名称。"})
    label = text(60, required=True)
    hint = text(200, required=True)


class Acts(Strict):
    """除办理以外，本人现在可以对这项任务作的处理（转办、委派、退回、撤回、会签、催办等）."""

    id = RowId(required=True)
    version = number(10**9, required=True)
    status = chosen("open", "cosign", "signing", "late", "done", "cancelled", required=True)
    acts = several(nested(ActLine), 50, required=True)


class ActOption(Strict):
    """一个选项；`why_not` 不为空的不能选择."""

    value = text(200, required=True)
    label = text(500, required=True)
    hint = text(2_000, required=True)
    why_not = text(2_000, required=True)


class ActField(Strict):
    """一个栏目。`most`：文字的字数、多选的项数、数字的最大值."""

    name = text(40, required=True)
    label = text(60, required=True)
    kind = chosen("text", "line", "choice", "choices", "day", "number", required=True)
    hint = text(500, required=True)
    required = fields.Boolean(required=True)
    most = number(10**9, required=True)
    options = several(nested(ActOption), 1_000, required=True)


class Act(Strict):
    """一项处理：后果、要填写的栏目。`why_not` 不为空的现在不能作."""

    id = RowId(required=True)
    version = number(10**9, required=True)
    name = text(40, required=True)
    label = text(60, required=True)
    consequences = several(text(2_000), 50, required=True)
    fields_ = several(nested(ActField), 30, required=True, data_key="fields", attribute="fields")
    why_not = text(2_000, required=True)
    article = text(200, required=True)
