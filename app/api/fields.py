"""Marshmallow fields with bounds and Chinese messages: what every schema of the API is made of."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

MOST_ID = 10**18 - 1
MOST_NAME = 200
WRONG = {"required": "缺少这一项。", "null": "不能为空值。", "invalid": "格式不正确。"}


class Strict(Schema):
    """A schema that refuses what it does not name: nothing reaches a service that the API does not declare."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "没有这一项。", "type": "应为 JSON 对象。"}  # noqa: RUF012 - marshmallow's own form


class RowId(fields.Integer):
    """An id, no longer than a column holds; as an integer in JSON, as plain digits in a query."""

    def __init__(self, **kwargs: Any):
        bounds = validate.Range(1, MOST_ID, error="没有这样的编号。")
        super().__init__(strict=True, validate=bounds, error_messages=WRONG, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str):
            if not (value.isascii() and value.isdecimal() and len(value) <= 18):
                raise ValidationError("格式不正确。")
            value = int(value)
        return super()._deserialize(value, attr, data, **kwargs)


class BodyId(RowId):
    """An id in a JSON body: an integer, no text."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str):
            raise ValidationError("格式不正确。")
        return super()._deserialize(value, attr, data, **kwargs)


def text(most: int, least: int = 0, **kwargs: Any) -> fields.String:
    """A text of at most `most` characters."""
    bounds = validate.Length(
        min=least, max=most, error=f"最多 {most} 个字。" if not least else "长度不合要求。"
    )
    return fields.String(validate=bounds, error_messages=WRONG, **kwargs)


def chosen(*values: str, **kwargs: Any) -> fields.String:
    """One of these words."""
    return fields.String(
        validate=validate.OneOf(values, error="请使用接口说明中的取值。"), error_messages=WRONG, **kwargs
    )


def matching(pattern: str, message: str, most: int, **kwargs: Any) -> fields.String:
    """A text of a form."""
    checks = [validate.Length(max=most, error=message), validate.Regexp(pattern, error=message)]
    return fields.String(validate=checks, error_messages=WRONG, **kwargs)


def several(inner: Any, most: int, **kwargs: Any) -> fields.List:
    """At most `most` of something."""
    return fields.List(inner, validate=validate.Length(max=most, error=f"最多 {most} 项。"), **kwargs)


def nested(schema: type[Schema], **kwargs: Any) -> fields.Nested:
    """An object of a schema of its own."""
    return fields.Nested(schema, **kwargs)


def moment(**kwargs: Any) -> fields.DateTime:
    """A moment in UTC: `2026-06-18T06:05:00+00:00`."""
    return fields.DateTime(format="iso", **kwargs)


def number(most: int, least: int = 0, **kwargs: Any) -> fields.Integer:
    """A whole number within bounds."""
    bounds = validate.Range(least, most, error=f"应在 {least} 到 {most} 之间。")
    return fields.Integer(strict=True, validate=bounds, error_messages=WRONG, **kwargs)


def open_object(most: int, **kwargs: Any) -> fields.Dict:
    """A JSON object whose members another schema names (a form's answers, a JSON Schema)."""

    def bounded(given: Any) -> None:
        if len(given) > most or any(len(name) > MOST_NAME for name in given):
            raise ValidationError(f"最多 {most} 项，名称最多 {MOST_NAME} 个字。")

    names = {"maxProperties": most, "x-propertyNames": {"maxLength": MOST_NAME}}
    return fields.Dict(keys=fields.String(), validate=bounded, error_messages=WRONG, metadata=names, **kwargs)
