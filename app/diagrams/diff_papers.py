"""What differs between two document templates, block by block, and between two decision tables. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from app.kernel.errors import Invalid
from app.verify import reader

from .diff_words import (
    Change,
    ChangeKind,
    anything,
    canonical,
    moved,
    paired,
    plain,
    shortened,
    spaced,
    turned,
    value,
)

BLOCKS: Mapping[str, str] = {
    "p": "段落", "h": "小标题", "kv": "要素栏", "note": "附注", "number": "文号", "ol": "编号列表", "qa": "问答",
    "redhead": "红头", "sign": "落款", "signatures": "签名栏", "table": "表格", "form_table": "表单内容表", "title": "标题",
    "statement": "固定条款", "clause": "条款", "qr": "二维码", "seal": "印章位置", "page_break": "分页", "if": "条件块",
}  # fmt: skip
WORDS: Mapping[str, str] = {
    "code": "代码", "title": "名称", "type": "文号类型字", "house": "版式", "seal": "用印", "copies": "份数",
    "basis": "法律依据", "required": "必备内容", "let": "取值", "page_signatures": "逐页签名", "name": "名称",
}  # fmt: skip


def templates(path: str, before: Any, after: Any) -> Iterator[Change]:
    """The differences of two document templates."""
    one, two = (found if isinstance(found, Mapping) else {} for found in (before, after))
    for name in sorted((one.keys() | two.keys()) - {"blocks"}, key=str):
        a, b = one.get(name), two.get(name)
        if canonical(a) == canonical(b):
            continue
        if name in ("required", "let") and isinstance(a or {}, Mapping) and isinstance(b or {}, Mapping):
            what = "必备内容" if name == "required" else "取值"
            for change in anything(path, a or {}, b or {}, what):
                yield Change(
                    path,
                    change.kind,
                    f"{name}.{change.element}",
                    change.text,
                    name,
                    change.before,
                    change.after,
                )
            continue
        said = [None if each is None else value(each) for each in (a, b)]
        yield Change(
            path,
            ChangeKind.CHANGED,
            name,
            turned("文书", WORDS.get(name, f"“{name}”"), *said),
            name,
            plain(a),
            plain(b),
        )
    yield from _blocks(path, *(_listed(found.get("blocks")) for found in (one, two)))


def _listed(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list) else []


def _blocks(path: str, old: list[Any], new: list[Any]) -> Iterator[Change]:
    """Blocks have no names: they are known by what they say and by their place."""
    texts = [[canonical(block) for block in found] for found in (old, new)]
    for i, j in paired(*texts):
        one, two = None if i is None else old[i], None if j is None else new[j]
        if i is not None and j is not None and texts[0][i] == texts[1][j]:
            continue
        element = f"blocks.{(j if j is not None else i) or 0}"
        place = f"第 {(j if j is not None else i or 0) + 1} 块"
        if one is None:
            text = f"{place}新增{_called(two)}：{_excerpt(two)}。"
            yield Change(path, ChangeKind.ADDED, element, text, "blocks", None, plain(two))
        elif two is None:
            text = f"删除原{place}{_called(one)}：{_excerpt(one)}。"
            yield Change(path, ChangeKind.REMOVED, element, text, "blocks", plain(one), None)
        else:
            yield Change(
                path, ChangeKind.CHANGED, element, _turned(place, one, two), "blocks", plain(one), plain(two)
            )


def _turned(place: str, one: Any, two: Any) -> str:
    locked = [isinstance(each, Mapping) and bool(each.get("lock")) for each in (one, two)]
    if locked[0] != locked[1] and canonical(_unlocked(one)) == canonical(_unlocked(two)):
        return f"{place}{_called(two)}{'改为锁定' if locked[1] else '解除锁定'}：{_excerpt(two)}。"
    if isinstance(one, Mapping) and isinstance(two, Mapping) and one.get("if") != two.get("if"):
        rest = [canonical({k: v for k, v in each.items() if k != "if"}) for each in (one, two)]
        if rest[0] == rest[1]:
            said = [None if each.get("if") is None else f"“{each['if']}”" for each in (one, two)]
            return turned(f"{place}{_called(two)}", "出现条件", *said)
    return f"{place}{_called(two)}由{_excerpt(one)}改为{_excerpt(two)}。"


def _unlocked(block: Any) -> Any:
    return {k: v for k, v in block.items() if k != "lock"} if isinstance(block, Mapping) else block


def _called(block: Any) -> str:
    if not isinstance(block, Mapping):
        return "内容"
    kind = next((BLOCKS[key] for key in block if key in BLOCKS and key != "if"), "内容")
    return f"锁定的{kind}" if block.get("lock") else kind


def _excerpt(block: Any) -> str:
    if isinstance(block, Mapping):
        for key in BLOCKS:
            if isinstance(block.get(key), str) and key != "if":
                return f"“{shortened(block[key], 80)}”"
        return value({k: v for k, v in block.items() if k != "lock"})
    return value(block)


# ---------------------------------------------------------------- decision tables


def tables(path: str, before: str, after: str) -> Iterator[Change]:
    """The differences of two decision tables: columns, then rows."""
    try:
        old, new = (_table(text) for text in (before, after))
    except Invalid as error:
        yield Change(path, ChangeKind.UNREADABLE, "", f"不能逐项比较：{error.message}")
        return
    for name, label in (("name", "名称"), ("policy", "命中规则")):
        if old[name] != new[name]:
            text = turned("决策表", label, f"“{old[name]}”", f"“{new[name]}”")
            yield Change(path, ChangeKind.CHANGED, "", text, name, old[name], new[name])
    for kind, label in (("inputs", "条件列"), ("outputs", "结果列")):
        yield from _rows(path, kind, label, old[kind], new[kind], {})
    heads = {**old["heads"], **new["heads"]}
    yield from _rows(path, "rows", "第", old["rows"], new["rows"], heads)


def _rows(
    path: str,
    kind: str,
    label: str,
    old: dict[str, list[str]],
    new: dict[str, list[str]],
    heads: dict[int, str],
) -> Iterator[Change]:
    def called(found: dict[str, list[str]], key: str) -> str:
        if kind == "rows":
            return f"第 {list(found).index(key) + 1} 行"
        return f"{label}“{found[key][0]}”"

    for key, cells in new.items():
        if key not in old:
            text = f"新增{called(new, key)}：{'，'.join(filter(None, cells))}。"
            yield Change(path, ChangeKind.ADDED, key, text, kind, None, cells)
        elif old[key] != cells:
            parts = []
            for n in range(max(len(cells), len(old[key]))):
                a, b = (row[n] if n < len(row) else "" for row in (old[key], cells))
                if a != b:
                    head = f"“{heads[n]}”" if n in heads else ""
                    parts.append(
                        f"{head}由{spaced(f'“{a}”' if a else '')}改为{spaced(f'“{b}”' if b else '')}"
                    )
            text = f"{called(new, key)}{'，'.join(parts)}。"
            yield Change(path, ChangeKind.CHANGED, key, text, kind, old[key], cells)
    for key, cells in old.items():
        if key not in new:
            text = f"删除原{called(old, key)}：{'，'.join(filter(None, cells))}。"
            yield Change(path, ChangeKind.REMOVED, key, text, kind, cells, None)
    if kind == "rows" and moved(old, new):
        yield Change(path, ChangeKind.MOVED, "", "各行的先后次序改变。", kind)


def _table(text: str) -> dict[str, Any]:
    """The first decision table of a DMN file: its columns and rows by their ids."""
    root = reader.parse(text.encode())

    def local(node: etree._Element) -> str:
        return etree.QName(node).localname if isinstance(node.tag, str) else ""

    def inside(node: etree._Element, name: str) -> list[etree._Element]:
        return [child for child in node if local(child) == name]

    def words(node: etree._Element) -> str:
        return " ".join("".join(str(part) for part in node.itertext()).split())

    found: dict[str, Any] = {"name": "", "policy": "", "inputs": {}, "outputs": {}, "rows": {}, "heads": {}}
    decision = next((node for node in root.iter() if local(node) == "decision"), root)
    table = next((node for node in decision.iter() if local(node) == "decisionTable"), None)
    found["name"] = decision.get("name", "")
    if table is None:
        return found
    found["policy"] = " ".join(filter(None, (table.get("hitPolicy", "UNIQUE"), table.get("aggregation"))))
    columns = [*inside(table, "input"), *inside(table, "output")]
    for n, column in enumerate(columns):
        kind = f"{local(column)}s"
        label = column.get("label") or column.get("name") or words(column) or column.get("id", "")
        found[kind][column.get("id", f"{kind}{n}")] = [label, column.get("name", ""), words(column)]
        found["heads"][n] = label
    for n, row in enumerate(inside(table, "rule")):
        cells = [words(cell) for cell in (*inside(row, "inputEntry"), *inside(row, "outputEntry"))]
        notes = [words(note) for note in inside(row, "description")]
        found["rows"][row.get("id", f"row{n}")] = [*cells, *notes]
    return found
