"""Templates of statutory documents: read from `documents/<code>/template.yaml`, filled with a case's context.

A filled document is plain JSON: `meta` and `blocks`. It is stored with the document, and every format is
rendered from it alone.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from ..kernel.errors import Invalid
from ..kernel.settings import ROOT
from .blocks import HOUSES, BlockError, Fill, compile_block, compile_expression, compile_text
from .fonts import undrawable
from .wording import Missing, scope_of

FOLDER = ROOT / "documents"
MOST_COPIES = 9
_CODE = re.compile(r"[A-Z]{2}-\d{2}")
_HEAD = {
    *(
        "code",
        "name",
        "title",
        "type",
        "house",
        "seal",
        "copies",
        "copy_names",
        "basis",
        "page_signatures",
        "required",
        "let",
    ),
    "blocks",
}


class DocumentError(Invalid):
    """文书模板有误或者缺少内容：说明是哪一种文书、哪一块、哪一项。"""

    code = "document_invalid"


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of document.

    `type_char` is empty for an unnumbered kind. `copy_names` are those of the printed copies, the party's first; empty
    where all copies are alike. `locked` are the positions of statutory clauses among the
    blocks. `digest` is the SHA-256 of the template file.
    """

    code: str
    name: str
    type_char: str
    house: str
    seal: bool
    copies: int
    copy_names: tuple[str, ...]
    basis: tuple[str, ...]
    page_signatures: tuple[str, ...]
    required: Mapping[str, str]
    locked: tuple[int, ...]
    digest: str
    title: Callable[[Mapping[str, Any]], str]
    let: tuple[tuple[str, Any], ...]
    blocks: tuple[tuple[str, Fill], ...]

    def error(self, message: str, path: str = "", code: str = "document_invalid") -> DocumentError:
        return DocumentError(f"《{self.name}》（{self.code}）{message}", code=code, field=path or None)

    def check_required(self, context: Mapping[str, Any]) -> None:
        """Refuse a context without what this document must state, naming everything at once."""
        absent = {path: label for path, label in self.required.items() if _is_empty(context, path)}
        if absent:
            names = "、".join(f"{label}（{path}）" for path, label in absent.items())
            error = self.error(
                f"不能制作：缺少{names}。请补全后再办。", next(iter(absent)), "document_field_missing"
            )
            error.errors = {path: [f"缺少{label}"] for path, label in absent.items()}
            raise error

    def title_of(self, context: Mapping[str, Any]) -> str:
        """The title for this case."""
        try:
            return self.title(self.scope(context))
        except BlockError as error:
            raise self.error(f"的标题：{error}。", error.path) from error

    def fill(self, context: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The filled blocks. `context` is the contract's, with `document` added.

        Raises:
            DocumentError: names the document, the block and the missing or undrawable content.
        """
        scope = self.scope(context)
        blocks = (self.fill_block(index, scope) for index in range(len(self.blocks)))
        return joined([block for block in blocks if block is not None])

    def fill_block(self, index: int, scope: Mapping[str, Any]) -> dict[str, Any] | None:
        """One block, counted from 0, filled in; None where it does not stand in this document.

        Raises:
            DocumentError: see `fill`.
        """
        kind, fill = self.blocks[index]
        where = f"不能制作：第 {index + 1} 块（{kind}）"
        try:
            block = fill(scope)
        except BlockError as error:
            code = "document_field_missing" if error.path else "document_invalid"
            label = self.required.get(error.path)
            hint = f"（{label}）" if label else ""
            raise self.error(f"{where}{error}{hint}。", error.path, code) from error
        if block is not None and (characters := undrawable(texts_of(block))):
            listed = "、".join(f"“{c}”（U+{ord(c):04X}）" for c in characters)
            raise self.error(f"{where}有字库中没有的字 {listed}，请改用规范字形。")
        if block is not None and index in self.locked:
            block["lock"] = True  # a correction leaves it as it is
        return block

    def scope(self, context: Mapping[str, Any]) -> Mapping[str, Any]:
        """The names that texts may use for this case: its context and the template's own short names."""
        scope = scope_of(context)
        for name, expression in self.let:
            try:
                scope[name] = expression(scope)
            except BlockError as error:
                if not error.path:
                    raise self.error(f"的 let {name}：{error}。") from error
                scope[name] = Missing(name=error.path)
        return scope


def texts_of(value: Any) -> str:
    """All text in a filled block, for searching."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "".join(texts_of(item) for key, item in value.items() if key != "t")
    if isinstance(value, list):
        return "".join(texts_of(item) for item in value)
    return ""


def _is_empty(context: Mapping[str, Any], path: str) -> bool:
    value: Any = context
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value is None or value == [] or value == {} or (isinstance(value, str) and not value.strip())


_STAYS_WITH = {
    "sign": ("p", "kv", "ol", "table", "signatures"),
    "signatures": ("p", "kv", "ol"),
    "note": ("sign", "signatures"),
}


def joined(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep what stands before seal or signatures with them, and them with the note below: the page that bears seal
    or signatures must bear text, and no page a note alone."""
    for before, block in pairwise(blocks):
        if before["t"] in _STAYS_WITH.get(block["t"], ()):
            before["sticky"] = True
    return blocks


def parse(content: bytes, where: str) -> Template:
    """Check and compile one template file; `where` names it in errors.

    Raises:
        DocumentError: with the block and what is wrong with it.
    """
    try:
        raw = yaml.load(content, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise DocumentError(f"文书模板 {where} 不是有效的 YAML：{error}") from error
    if not isinstance(raw, Mapping) or not raw.keys() >= {"code", "title", "blocks"}:
        raise DocumentError(f"文书模板 {where} 应当有 code、title 和 blocks。")

    def fail(message: str) -> DocumentError:
        return DocumentError(f"文书模板 {where} {message}")

    if unknown := set(raw) - _HEAD:
        raise fail(f"有不认识的键：{'、'.join(map(str, unknown))}。")
    title = str(raw["title"])
    if "{" in title and "name" not in raw:
        raise fail("的 title 随案件变化，应当另有 name。")
    house = raw.get("house", "official")
    if not _CODE.fullmatch(str(raw["code"])) or house not in HOUSES or not isinstance(raw["blocks"], list):
        raise fail("的 code、house 或 blocks 写法有误。")
    if wrong := _wrong_copies(raw):
        raise fail(wrong)
    names = tuple(map(str, raw.get("copy_names") or ()))
    blocks = []
    for position, block in enumerate(raw["blocks"], 1):
        try:
            blocks.append(compile_block(block))
        except BlockError as error:
            raise fail(f"第 {position} 块：{error}。") from error
    try:
        let = tuple(
            (str(name), compile_expression(str(e), f"let {name} "))
            for name, e in (raw.get("let") or {}).items()
        )
        compiled_title = compile_text(title)
    except BlockError as error:
        raise fail(f"：{error}。") from error
    return Template(
        code=str(raw["code"]),
        name=str(raw.get("name", title)),
        type_char=str(raw.get("type") or ""),
        house=str(house),
        seal=bool(raw.get("seal", False)),
        copies=int(raw.get("copies", len(names) or 1)),
        copy_names=names,
        basis=tuple(map(str, raw.get("basis") or ())),
        page_signatures=tuple(map(str, raw.get("page_signatures") or ())),
        required={str(path): str(label) for path, label in (raw.get("required") or {}).items()},
        locked=tuple(n for n, block in enumerate(raw["blocks"]) if block.get("lock") is True),
        digest=hashlib.sha256(content).hexdigest(),
        title=compiled_title,
        let=let,
        blocks=tuple(blocks),
    )


def _wrong_copies(raw: Mapping[str, Any]) -> str:
    """What is wrong with the names of the copies; empty where nothing is."""
    names = raw.get("copy_names")
    if names is None:
        return ""
    told = f"的 copy_names 应当是二至{MOST_COPIES}个不同的联名，如 [当事人联, 存根联, 归档联]。"
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        return told
    if not 2 <= len(names) <= MOST_COPIES or len(set(names)) < len(names) or undrawable("".join(names)):
        return told
    if "copies" in raw and raw["copies"] != len(names):
        return f"的 copies 是 {raw['copies']}，copy_names 却有 {len(names)} 联。"
    return ""


@lru_cache(maxsize=512)
def _parsed(content: bytes, where: str) -> Template:
    return parse(content, where)


def of_text(text: str, where: str) -> Template:
    """A template from its text, compiled once per content; `where` names it in errors.

    Raises:
        DocumentError: it is wrong.
    """
    return _parsed(text.encode(), where)


def load(code: str, folder: Path = FOLDER) -> Template:
    """The template of a kind of document, compiled once per content.

    Raises:
        DocumentError: there is none, or it is wrong.
    """
    if not _CODE.fullmatch(code):
        raise DocumentError(f"“{code}”不是文书代码。")
    try:
        content = (folder / code / "template.yaml").read_bytes()
    except FileNotFoundError:
        raise DocumentError(f"没有文书 {code} 的模板（documents/{code}/template.yaml）。") from None
    template = _parsed(content, code)
    if template.code != code:
        raise DocumentError(f"文书模板 {code} 中写的代码是 {template.code}。")
    return template


def codes(folder: Path = FOLDER) -> list[str]:
    """The codes of all templates."""
    return sorted(path.parent.name for path in folder.glob("*/template.yaml"))


def text_of(code: str, folder: Path = FOLDER) -> str | None:
    """The text of a shipped template; None where there is none of this code."""
    return _shipped(code, "template.yaml", folder)


def sample_of(code: str, folder: Path = FOLDER) -> dict[str, Any] | None:
    """The sample case of a shipped template; None where there is none of this code."""
    text = _shipped(code, "sample.json", folder)
    return json.loads(text) if text is not None else None


def _shipped(code: str, name: str, folder: Path) -> str | None:
    if not _CODE.fullmatch(code):
        return None
    try:
        return (folder / code / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
