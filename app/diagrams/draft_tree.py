"""The tree of a draft: which paths it may hold, how large, and what two people changed at once. Pure."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.kernel.errors import Invalid

Tree = Mapping[str, str]
"""Path → SHA-256 of the text."""
Changes = Mapping[str, str | None]
"""Path → new text; None removes it."""

INTERNAL, EXTERNAL, RULES = "internal.bpmn", "external.bpmn", "rules.yaml"
NAME = r"[A-Za-z0-9\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff-]{0,79}"
PATH = re.compile(
    rf"(?:{re.escape(INTERNAL)}|{re.escape(EXTERNAL)}|{re.escape(RULES)}"
    rf"|forms/{NAME}\.json|documents/{NAME}(?:\.sample\.json|\.yaml)|tables/{NAME}\.dmn|runs/{NAME}\.json|called/{NAME}\.bpmn)"
)
MOST_BYTES = 1_500_000
"""Of one text, as the reader of diagrams takes it."""
MOST_TOTAL = 20_000_000
MOST_PATHS = 600
KEY = re.compile(r"[a-z][a-z0-9_]{0,30}/[a-z][a-z0-9_-]{0,40}")


def key(text: str) -> str:
    """A procedure's key as an analyst typed it.

    Raises:
        Invalid: it is none.
    """
    if not KEY.fullmatch(text):
        raise Invalid(
            errors={
                "key": [
                    "流程代码请写成“类别/名称”，用小写英文字母、数字、下划线或连字符，例如 penalty/ordinary。"
                ]
            }
        )
    return text


def digest(text: str) -> str:
    """The name of a text in the store."""
    return hashlib.sha256(text.encode()).hexdigest()


def checked(changes: Changes) -> None:
    """Refuse changes that no draft can hold.

    Raises:
        Invalid: a path is none of a procedure's, or a text is too large or not storable.
    """
    for path, text in changes.items():
        if not PATH.fullmatch(path):
            raise Invalid(f"流程草稿中不能有文件“{path[:100]}”。", code="draft_path", field=path[:100])
        if text is None:
            continue
        if "\0" in text:
            raise Invalid(f"“{path}”含有不能保存的字符，请删除后再保存。", code="draft_text", field=path)
        try:
            size = len(text.encode())
        except UnicodeEncodeError:
            raise Invalid(
                f"“{path}”含有不能保存的字符，请删除后再保存。", code="draft_text", field=path
            ) from None
        if size > MOST_BYTES:
            raise Invalid(
                f"“{path}”过大（{size // 1024} KB），单个文件不得超过 {MOST_BYTES // 1024} KB。",
                code="draft_size",
                field=path,
            )


def after(tree: Tree, changes: Changes) -> dict[str, str]:
    """The tree after the changes.

    Raises:
        Invalid: it holds too many paths.
    """
    new = {**tree}
    for path, text in changes.items():
        if text is None:
            new.pop(path, None)
        else:
            new[path] = digest(text)
    if len(new) > MOST_PATHS:
        raise Invalid(f"一个流程最多有 {MOST_PATHS} 个文件，请删除不用的表单或文书。", code="draft_size")
    return new


@dataclass(frozen=True, slots=True)
class Meeting:
    """What saving on top of other people's changes means.

    `news` are the paths changed since the base that the saver does not touch, `conflicts` those that both
    changed differently.
    """

    news: frozenset[str]
    conflicts: frozenset[str]


def met(tree: Tree, touched: Mapping[str, Mapping[str, int]], base: int, changes: Changes) -> Meeting:
    """Hold changes made on revision `base` against what was changed since."""
    since = {path for path, last in touched.items() if last["revision"] > base}
    wanted = {path: None if text is None else digest(text) for path, text in changes.items()}
    same = {path for path, name in wanted.items() if tree.get(path) == name}
    return Meeting(frozenset(since - set(changes)), frozenset((since & set(changes)) - same))


def names(tree: Iterable[str], folder: str, ending: str) -> list[str]:
    """The names of the tree's files in a folder, without folder and ending, in order."""
    prefix = f"{folder}/"
    return sorted(p[len(prefix) : -len(ending)] for p in tree if p.startswith(prefix) and p.endswith(ending))
