"""What a form is: frozen values read from its JSON by `reading`, used by everything else in this room.

`Item.type` is the type as in JSON; several types may share one class (`radio` and `select` are `Choice`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from .conditions import Tree

EVIDENCE_KINDS = (
    "书证",
    "物证",
    "视听资料",
    "电子数据",
    "证人证言",
    "当事人的陈述",
    "鉴定意见",
    "勘验笔录、现场笔录",
)
"""行政处罚法第四十六条: the eight kinds of evidence, in its order."""

STANCES = {"agree": "同意", "disagree": "不同意", "amend": "修改后再报"}
PARTY_KINDS = {"person": "自然人", "organisation": "法人或者其他组织"}
YES_NO = {"yes": "是", "no": "否"}

PARTY_FIELDS = {
    "kind": "当事人类型",
    "name": "姓名（名称）",
    "id_code": "身份证件号码（统一社会信用代码）",
    "legal_representative": "法定代表人（负责人）",
    "address": "住址（住所）",
    "phone": "联系电话",
}
EVIDENCE_FIELDS = {
    "kind": "证据种类",
    "name": "证据名称",
    "proves": "证明内容",
    "pages": "页数",
    "file": "文件",
}

MAX_FILE = 200 * 1024 * 1024
"""Bytes of one uploaded file; what `app.kernel.web` promises in its message for 413."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose. `value` is stored, `label` is read."""

    value: str
    label: str


class Right(StrEnum):
    """What a step may do with a field. `WRITE` is the rule; a step that may only `READ` a field is shown what the
    case says (the field's `prefill`), one it is to `HIDE` from never learns of it."""

    WRITE = "write"
    READ = "read"
    HIDE = "hide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One part of a form, in reading order. `key` is empty for sections and notes; `width` is in twelfths.

    `required_when` makes an answer obligatory only where it holds; `default` is the answer to begin with.
    """

    type: str
    label: str
    key: str = ""
    help: str = ""
    required: bool = False
    width: int = 12
    visible_when: Tree | None = None
    required_when: Tree | None = None
    default: Any = None

    @property
    def facts(self) -> tuple[str, ...]:
        """The names under which conditions and writes see this item's answer."""
        return (self.key,) if self.key else ()

    def values_of(self, fact: str) -> Mapping[str, str] | None:
        """The only values this fact can take, with their labels; None when it is open."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(Item):
    """A heading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Item):
    """A remark to the person who fills the form in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Item):
    """`text` (one line) or `textarea`. `pattern` must match the whole text; `min_length` counts what is written, without
    blanks around it, where anything is."""

    max_length: int = 200
    min_length: int = 0
    pattern: str = ""
    pattern_message: str = ""

    @property
    def multiline(self) -> bool:
        return self.type == "textarea"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Item):
    """`number`: a JSON number with at most `decimals` places."""

    minimum: Decimal = Decimal(0)
    maximum: Decimal = Decimal(10) ** 12
    decimals: int = 4
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money(Item):
    """`money`: yuan as a decimal string."""

    minimum: Decimal = Decimal(0)
    maximum: Decimal = Decimal(10) ** 13 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Day(Item):
    """`date` (a legal day) or `datetime` (a minute in China). Bounds are an ISO date or `today`."""

    earliest: str = ""
    latest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNo(Item):
    """`yesno`, stored as `yes` or `no`."""

    def values_of(self, fact: str) -> Mapping[str, str] | None:
        return YES_NO


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Item):
    """`radio` or `select`: one of the options. `items` is a kind of power: the options of a `select` are then the
    agency's published items of it, as code and name."""

    options: tuple[Option, ...]
    items: str = ""

    def values_of(self, fact: str) -> Mapping[str, str] | None:
        return None if self.items else {option.value: option.label for option in self.options}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices(Item):
    """`checkboxes`: some of the options, stored in their order."""

    options: tuple[Option, ...]

    def values_of(self, fact: str) -> Mapping[str, str] | None:
        return {option.value: option.label for option in self.options}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Item):
    """`person`: an officer of the agency, of a position or with a valid certificate of a kind."""

    position: str = ""
    certificate: str = ""
    multiple: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Party(Item):
    """`party`: whom the case is about. `requires` names the parts that must be filled in."""

    requires: frozenset[str] = frozenset({"kind", "name"})

    @property
    def facts(self) -> tuple[str, ...]:
        return (self.key, *(f"{self.key}.{part}" for part in PARTY_FIELDS))

    def values_of(self, fact: str) -> Mapping[str, str] | None:
        return PARTY_KINDS if fact.endswith(".kind") else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Files(Item):
    """`file`: uploaded files of the allowed extensions."""

    extensions: tuple[str, ...]
    most: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Item):
    """`evidence`: a table of evidence of the eight statutory kinds."""

    extensions: tuple[str, ...]
    max_rows: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Item):
    """`list`: a detail table."""

    columns: tuple[Item, ...]
    max_rows: int = 50
    min_rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion(Item):
    """`opinion`: a stance and its reason."""

    options: tuple[Option, ...]

    @property
    def facts(self) -> tuple[str, ...]:
        return (self.key, f"{self.key}.stance", f"{self.key}.text")

    def values_of(self, fact: str) -> Mapping[str, str] | None:
        return None if fact.endswith(".text") else {option.value: option.label for option in self.options}


@dataclass(frozen=True, slots=True, kw_only=True)
class Law(Item):
    """`law`: a law and its article. `suggestions` are offered, not imposed."""

    suggestions: tuple[str, ...] = ()

    @property
    def facts(self) -> tuple[str, ...]:
        return (self.key, f"{self.key}.law", f"{self.key}.article")


@dataclass(frozen=True, slots=True)
class Write:
    """How one routing attribute follows from validated data: a copied fact, or whether a condition holds."""

    attribute: str
    fact: str = ""
    when: Tree | None = None


@dataclass(frozen=True, slots=True)
class StepRights:
    """The rights of one legal step (`step`) or of one node of the diagram (`node`); the other name is empty."""

    step: str
    node: str
    fields: Mapping[str, Right]


@dataclass(frozen=True)
class Definition:
    """A form as published. `prefill` maps item keys to dotted paths into a case's context.

    `rights` are those of all steps; `restricted` those in force where the form is used (`Form.at`): item key to
    `READ` or `HIDE`.
    """

    key: str
    title: str
    version: int
    items: tuple[Item, ...]
    writes: tuple[Write, ...] = ()
    prefill: Mapping[str, str] = field(default_factory=dict)
    rights: tuple[StepRights, ...] = ()
    restricted: Mapping[str, Right] = field(default_factory=dict)
    order: Sequence[int] = ()
    """Indexes of the items so that every item comes after those its visibility depends on."""

    def keyed(self) -> Iterator[Item]:
        """The items that have an answer."""
        return (item for item in self.items if item.key)

    def may(self, key: str) -> Right:
        """What may be done here with the item of this key."""
        return self.restricted.get(key, Right.WRITE)

    def item(self, key: str) -> Item:
        """The item with this key.

        Raises:
            KeyError: there is none.
        """
        for item in self.keyed():
            if item.key == key:
                return item
        raise KeyError(key)

    def owner(self, fact: str) -> Item:
        """The item a fact such as `party.kind` belongs to."""
        return self.item(fact.partition(".")[0])


def blank(item: Item) -> Any:
    """What stands in validated data for an answer that was not given, so that templates find every key."""
    if isinstance(item, (Choices, Files, Evidence, Rows)) or (isinstance(item, Person) and item.multiple):
        return []
    if isinstance(item, (Number, Person, Party, Opinion, Law)):
        return None
    return ""
