"""What the API takes and answers about public items."""

from marshmallow import fields

from .fields import Strict, nested, number, several, text

PAGE = 50


class PublicItemsQuery(Strict):
    """Which of them: of a region and below, an agency, a kind, with these words; behind which one."""

    region = text(12, load_default="")
    agency = text(60, load_default="", metadata={"description": "机关代码。"})
    kind = text(20, load_default="")
    q = text(60, load_default="")
    after = text(140, load_default="", metadata={"description": "上一页答复中的 next。"})


class PublicLine(Strict):
    """公开事项."""

    agency = text(60, required=True)
    agency_name = text(120, required=True)
    region = text(12, required=True, metadata={"description": "GB/T 2260 区划代码。"})
    code = text(60, required=True)
    name = text(300, required=True)
    kind = text(20, required=True)
    kind_name = text(40, required=True)
    version = number(10**9, required=True)
    effective_on = fields.Date(
        required=True, allow_none=True, metadata={"description": "null：上网运行前已经施行。"}
    )
    digest = text(64, required=True, metadata={"description": "内容的 SHA-256，变了就是有了新的版本。"})
    page = text(500, required=True, metadata={"description": "公示页。"})
    embedded = text(500, required=True, metadata={"description": "可以放入网页的公示页。"})


class PublicItems(Strict):
    """公开事项目录的一页."""

    items = several(nested(PublicLine), PAGE, required=True)
    total = number(10**9, required=True)
    next = text(140, required=True, allow_none=True)


class PublicField(Strict):
    """公示的一项内容."""

    key = text(40, required=True)
    label = text(60, required=True)
    value = text(20_000, required=True)


class PublicBasis(Strict):
    """一处法律依据，`words` 为法规库中的条文，没有载入的为空."""

    name = text(400, required=True)
    words = text(50_000, required=True)


class PublicTier(Strict):
    """裁量档次."""

    name = text(60, required=True)
    when = text(5_000, required=True)
    amount = text(500, required=True)
    others = text(2_000, required=True)


class PublicDiscretion(Strict):
    """裁量基准；`law` 为法定的种类和幅度，`note` 说明没有裁量空间的理由."""

    source = text(500, required=True)
    tiers = several(nested(PublicTier), 60, required=True)
    note = text(500, required=True)
    law = several(nested(PublicField), 10, required=True)


class PublicStep(Strict):
    """外部流程的环节."""

    name = text(200, required=True)
    limit = text(60, required=True)
    basis = text(1_000, required=True)


class PublicItem(PublicLine):
    """一项公开事项的全部公示内容."""

    made_public = several(nested(PublicField), 20, required=True)
    told_in_advance = several(nested(PublicField), 20, required=True)
    basis = several(nested(PublicBasis), 300, required=True)
    discretion = nested(PublicDiscretion, required=True)
    procedure = text(200, required=True)
    steps = several(nested(PublicStep), 500, required=True)
    papers = several(text(200), 300, required=True)
    examined = text(500, required=True)
