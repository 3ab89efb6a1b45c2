"""A filled document as a part of a web page: to read and print where neither the typesetter nor the network is at hand.
Not an issued document: it says 草稿 and has no number.

A key of the form between 〖 and 〗, perhaps with a wording (`〖from|cn_date〗`), is the place of an answer that is not
known yet: an empty element the page fills in.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup, escape

from .phrases import cn_num

PLACE = re.compile(r"〖([a-z][a-z0-9_]*)(?:\|([a-z_]+))?〗")
BLANK = "＿＿＿＿＿＿＿＿"
Block = Mapping[str, Any]


def page(data: Mapping[str, Any]) -> str:
    """The blocks of a filled document as HTML; every text is escaped."""
    return str(Markup("").join(DRAW[block["t"]](block) for block in data["blocks"]))


def text_of(text: Any) -> Markup:
    """A text, escaped, its lines broken, its places empty elements."""
    escaped = str(escape(str(text))).replace("\n", "<br>")
    return Markup(PLACE.sub(_place, escaped))  # noqa: S704 - escaped above


def _lines(texts: Any, kind: str = "") -> Markup:
    """Paragraphs of which each line of a text is one: so it is with what is filled in there."""
    return Markup(str(_each("p", texts, kind)).replace("<span data-answer=", "<span data-lines data-answer="))  # noqa: S704


def _place(match: re.Match[str]) -> str:
    wording = f' data-format="{match[2]}"' if match[2] else ""
    return f'<span data-answer="{match[1]}"{wording}></span>'


def _tag(name: str, content: Any, kind: str = "") -> Markup:
    opened = Markup('<{} class="{}">').format(Markup(name), kind) if kind else Markup(f"<{name}>")  # noqa: S704 - ours
    return opened + content + Markup(f"</{name}>")  # noqa: S704


def _each(name: str, texts: Any, kind: str = "") -> Markup:
    return Markup("").join(_tag(name, text_of(text), kind) for text in texts)


def _table(rows: Any) -> Markup:
    return _tag("table", _tag("tbody", Markup("").join(rows)))


def _grid(block: Block) -> Markup:
    head = _tag("tr", _each("th", block["head"]))
    rows = [_tag("tr", _each("td", row)) for row in block["rows"]]
    empty = [_tag("tr", _each("td", [block["empty"]]))] if block["empty"] else []
    caption = _each("p", [block["caption"]], "caption") if block["caption"] else Markup("")
    return caption + _table([head, *rows, *empty])


def _cell(cell: Block) -> Markup:
    name = "th" if cell["label"] else "td"
    spans = Markup('<{} colspan="{}" rowspan="{}">').format(Markup(name), cell["span"], cell["rowspan"])  # noqa: S704 - ours
    signs = _each("p", [f"签名：{s['name'] or BLANK}　{s['date'] or '　　年　月　日'}" for s in cell["sign"]])
    return spans + text_of(cell["text"]) + signs + Markup(f"</{name}>")  # noqa: S704 - ours


def _form(block: Block) -> Markup:
    return _table(_tag("tr", Markup("").join(map(_cell, row["cells"]))) for row in block["rows"])


def _list(block: Block) -> Markup:
    marks = [
        f"（{cn_num(n)}）" if block["style"] == "cn" else f"{n}." for n in range(1, len(block["items"]) + 1)
    ]
    return _each("p", [mark + text for mark, text in zip(marks, block["items"], strict=True)])


def _signatures(block: Block) -> Markup:
    lines = [
        f"{line['role']}（{line.get('mark', '签名')}）：{line['name']}{BLANK}　{line['note']}"
        for line in block["lines"]
    ]
    stated = (
        [f"（请抄写：{block['statement']}）" if block["blank"] else block["statement"]]
        if block["statement"]
        else []
    )
    return _each("p", [*stated, *lines], "signs")


DRAW: Mapping[str, Callable[[Block], Markup]] = {
    "redhead": lambda b: _each("p", [b["text"]], "redhead"),
    "title": lambda b: _each("h3", b["lines"]),
    "number": lambda b: _each("p", [b["text"]], "number"),
    "h": lambda b: _each("h4", [b["text"]]),
    "p": lambda b: _lines(b["lines"]),
    "note": lambda b: _lines(b["lines"], "note"),
    "kv": lambda b: _each("p", [f"{label}：{text}" for label, text in b["rows"]]),
    "ol": _list,
    "table": _grid,
    "form_table": _form,
    "sign": lambda b: _each("p", [b["agency"], b["date"]], "signs"),
    "signatures": _signatures,
    "qa": lambda b: _each("p", [part for i in b["items"] for part in (f"问：{i['q']}", f"答：{i['a']}")]),
}
