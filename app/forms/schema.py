"""The marshmallow schema of a form, built from the same definition as its page."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from .context import FormContext
from .definition import (
    YES_NO,
    Choice,
    Choices,
    Day,
    Definition,
    Evidence,
    Files,
    Item,
    Law,
    Money,
    Number,
    Opinion,
    Option,
    Party,
    Person,
    Rows,
    Text,
    YesNo,
    blank,
)
from .fields import (
    CHOOSE,
    FILL_IN,
    DayField,
    EvidenceRowField,
    FilesField,
    LawField,
    MoneyField,
    NumberField,
    OpinionField,
    PartyField,
    PersonField,
    TextField,
)

UNKNOWN = "没有这个字段。"


class FormSchema(Schema):
    """Unknown keys are refused: nothing enters a case that its form does not name.

    The fields belong to one schema, not to a class of their own: a class would be made for every post.
    """

    class Meta:
        unknown = RAISE

    def __init__(self, shown: Mapping[str, fields.Field]):
        self._declared_fields = dict(shown)
        super().__init__()

    error_messages = {"unknown": UNKNOWN, "type": "格式不正确，请重新填写。"}  # noqa: RUF012 - marshmallow's own form


def build(
    form: Definition, hidden: Collection[str], demanded: Collection[str], context: FormContext
) -> Schema:
    """The schema of the items that are shown and may be written; those in `demanded` must be answered."""
    return FormSchema(
        {
            item.key: field_for(replace(item, required=item.key in demanded), context)
            for item in form.keyed()
            if item.key not in hidden and item.key not in form.restricted
        }
    )


def field_for(item: Item, context: FormContext) -> fields.Field:
    """The field that reads an item's answer."""
    ask = CHOOSE if isinstance(item, (YesNo, Choice, Choices, Person)) else FILL_IN
    common: dict[str, Any] = {
        "required": item.required,
        "error_messages": {"required": ask, "null": ask, "invalid": "格式不正确，请重新填写。"},
    }
    if not item.required:
        common["load_default"] = lambda: blank(item)
    return _field(item, context, common)


def _field(item: Item, context: FormContext, common: dict[str, Any]) -> fields.Field:
    if isinstance(item, Text):
        return TextField(item, **common)
    if isinstance(item, Number):
        return NumberField(item, **common)
    if isinstance(item, Money):
        return MoneyField(item, **common)
    if isinstance(item, Day):
        return DayField(item, context.today, **common)
    if isinstance(item, YesNo):
        return fields.String(validate=validate.OneOf(list(YES_NO), error=CHOOSE), **common)
    if isinstance(item, Choice):
        return fields.String(validate=_one_of(context.options(item)), **common)
    if isinstance(item, Choices):
        return _InOrder(item, fields.String(validate=_one_of(item.options)), **common)
    if isinstance(item, Person):
        return PersonField(item, context, **common)
    if isinstance(item, Party):
        return PartyField(item, context.today, **common)
    if isinstance(item, Opinion):
        return OpinionField(item, context.previous_opinion, context.dissent, **common)
    if isinstance(item, Law):
        return LawField(item, **common)
    if isinstance(item, Files):
        return FilesField(
            validate=validate.Length(max=item.most, error="文件过多，最多 {max} 个。"), **common
        )
    if isinstance(item, Evidence):
        return fields.List(
            EvidenceRowField(), validate=_count(1 if item.required else 0, item.max_rows), **common
        )
    if isinstance(item, Rows):
        row = FormSchema({c.key: field_for(c, context) for c in item.columns})
        least = max(item.min_rows, 1 if item.required else 0)
        return fields.List(fields.Nested(row), validate=_count(least, item.max_rows), **common)
    raise TypeError(f"no field for {item.type}")


def _one_of(options: Sequence[Option]) -> validate.OneOf:
    return validate.OneOf([option.value for option in options], error="请选择列表中的一项。")


def _count(least: int, most: int) -> validate.Validator:
    if least > 0:
        return validate.Length(min=least, max=most, error=f"请填写 {least} 到 {most} 行。")
    return validate.Length(max=most, error=f"最多 {most} 行，请删减。")


class _InOrder(fields.List):
    """Chosen values, each once, in the order of the options."""

    def __init__(self, item: Choices, inner: fields.Field, **kwargs: Any):
        super().__init__(inner, **kwargs)
        self.item = item

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[Any]:
        chosen = set(super()._deserialize(value, attr, data, **kwargs))
        return [option.value for option in self.item.options if option.value in chosen]


def flatten(messages: Any, place: str = "") -> dict[str, list[str]]:
    """Marshmallow's nested messages by the name of the control they are about (`evidence.0.name`)."""
    if isinstance(messages, Mapping):
        found: dict[str, list[str]] = {}
        for key, inner in messages.items():
            step = "" if key == "_schema" else str(key)
            for name, texts in flatten(inner, ".".join(part for part in (place, step) if part)).items():
                found.setdefault(name, []).extend(texts)
        return found
    if isinstance(messages, str):
        return {place: [messages]}
    return {place: [str(message) for message in messages]}


def load(schema: Schema, answers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Validated data and no errors, or nothing and the errors."""
    try:
        return schema.load(answers), {}  # type: ignore[return-value]
    except ValidationError as wrong:
        return {}, flatten(wrong.messages)
