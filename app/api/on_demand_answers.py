"""What the API answers about documents that are made on demand."""

from marshmallow import fields

from .answers import FORM, FormOf, Issued
from .fields import RowId, Strict, nested, open_object, several, text


class PaperLine(Strict):
    """可以制作的一种文书."""

    code = text(20, required=True, metadata={"description": "地址中使用的文书代码。"})
    name = text(200, required=True)
    form = text(60, required=True)
    numbered = fields.Boolean(required=True)


class Papers(Strict):
    """本人现在可以在这项任务中制作的文书；任务不由本人承办或者已经办结的，没有."""

    id = RowId(required=True)
    papers = several(nested(PaperLine), 50, required=True)


class PaperForm(Strict):
    """一种文书的表单和预填的内容."""

    id = RowId(required=True)
    code = text(20, required=True)
    name = text(200, required=True)
    numbered = fields.Boolean(required=True)
    form = nested(FormOf, required=True)
    answers = open_object(FORM, required=True)


class Made(Strict):
    """制作的文书。同一 Idempotency-Key 重复提交得到同一结果."""

    case_id = RowId(required=True)
    work_item_id = RowId(required=True)
    message = text(2_000, required=True)
    documents = several(nested(Issued), 50, required=True)
