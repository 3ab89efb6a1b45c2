"""What the administrator's forms may contain, checked before anything is looked up."""

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validate, validates_schema
from werkzeug.datastructures import MultiDict

from app.kernel.auth import Role
from app.kernel.errors import Invalid

from .administration import NewAccount, NewCertificate
from .qualifications import NewTraining
from .rules import CertificateKind, login_well_formed
from .training_rules import EXAMINATIONS

CHOOSE: dict[str, Any] = {"required": "请选择。", "null": "请选择。", "invalid": "请选择。"}
FILL: dict[str, Any] = {"required": "请填写。", "null": "请填写。", "invalid": "请填写。"}
DAY: dict[str, Any] = {
    "required": "请填写日期。",
    "null": "请填写日期。",
    "invalid": "日期格式应为 2026-01-31。",
}


def _login(login: str) -> None:
    if not login_well_formed(login):
        raise ValidationError("登录名用小写英文字母开头，3 到 40 个字符，可用数字、点和连字符。")


class _Form(Schema):
    class Meta:
        unknown = "raise"

    error_messages = {"unknown": "表单中有不认识的内容。"}  # noqa: RUF012 - marshmallow's own protocol

    @pre_load
    def _strip(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        stripped = {k: v.strip() if isinstance(v, str) else v for k, v in data.items()}
        return {k: v for k, v in stripped.items() if v != ""}


class CertificateForm(_Form):
    """One certificate."""

    kind = fields.Enum(CertificateKind, by_value=True, required=True, error_messages=CHOOSE)
    number = fields.String(
        required=True, validate=validate.Length(max=60, error="证号最多 60 个字符。"), error_messages=FILL
    )
    valid_from = fields.Date(required=True, error_messages=DAY)
    valid_to = fields.Date(load_default=None, error_messages=DAY)

    @validates_schema
    def _period(self, data: dict[str, Any], **_: Any) -> None:
        last: date | None = data.get("valid_to")
        if last and last < data["valid_from"]:
            raise ValidationError("有效期的最后一天不能早于第一天。", "valid_to")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> NewCertificate:
        return NewCertificate(**data)


class TrainingForm(_Form):
    """Training an officer took part in."""

    held_on = fields.Date(required=True, error_messages=DAY)
    topic = fields.String(
        required=True,
        validate=validate.Length(max=120, error="培训内容最多 120 个字符。"),
        error_messages=FILL,
    )
    organiser = fields.String(
        required=True,
        validate=validate.Length(max=120, error="组织单位最多 120 个字符。"),
        error_messages=FILL,
    )
    hours = fields.Decimal(
        required=True,
        places=1,
        validate=validate.Range(
            min=0, max=200, min_inclusive=False, error="学时填大于 0、不超过 200 的数，最多一位小数。"
        ),
        error_messages=FILL | {"invalid": "学时填大于 0、不超过 200 的数，最多一位小数。"},
    )
    examination = fields.String(
        load_default="", validate=validate.OneOf(list(EXAMINATIONS), error="请选择。"), error_messages=CHOOSE
    )
    counts_for = fields.Integer(
        load_default=None,
        validate=validate.Range(min=2000, max=2100, error="年度写四位数字，如 2026。"),
        error_messages={"invalid": "年度写四位数字，如 2026。"},
    )

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> NewTraining:
        return NewTraining(**data)


class AccountForm(_Form):
    """A person with account, roles and positions; certificates are read row by row."""

    login = fields.String(
        required=True,
        validate=_login,
        error_messages=FILL,
    )
    name = fields.String(
        required=True, validate=validate.Length(max=60, error="姓名最多 60 个字符。"), error_messages=FILL
    )
    agency_id = fields.Integer(required=True, error_messages=CHOOSE)
    roles = fields.List(
        fields.Enum(Role, by_value=True, error_messages=CHOOSE),
        required=True,
        validate=validate.Length(min=1, error="请至少选择一种账号类型。"),
        error_messages=CHOOSE | {"required": "请至少选择一种账号类型。"},
    )
    positions = fields.List(fields.String(), load_default=list)


def _load(schema: Schema, data: dict[str, Any]) -> tuple[Any, dict[str, list[str]]]:
    try:
        return schema.load(data), {}
    except ValidationError as error:
        found = error.normalized_messages()
        return None, {
            key: messages if isinstance(messages, list) else ["内容不正确，请重新选择。"]
            for key, messages in found.items()
        }


def read_certificate(post: MultiDict) -> NewCertificate:
    """The certificate of a post.

    Raises:
        Invalid: messages by field.
    """
    data = {k: v for k, v in post.items() if k != "_csrf"}
    loaded, errors = _load(CertificateForm(), data)
    if errors:
        raise Invalid(errors=errors)
    return loaded


def read_training(post: MultiDict) -> NewTraining:
    """The training of a post.

    Raises:
        Invalid: messages by field.
    """
    loaded, errors = _load(TrainingForm(), {k: v for k, v in post.items() if k != "_csrf"})
    if errors:
        raise Invalid(errors=errors)
    return loaded


def read_until(post: MultiDict) -> date | None:
    """The last day of a post, None where none was given.

    Raises:
        Invalid: it is no day.
    """
    given = post.get("until", "").strip()
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as error:
        raise Invalid(errors={"until": [DAY["invalid"]]}) from error


def read_account(post: MultiDict) -> NewAccount:
    """The person of a post: `login, name, agency_id, roles, positions` and, for each kind of certificate,
    `<kind>_number, <kind>_valid_from, <kind>_valid_to`; a kind with nothing filled in is not entered.

    Raises:
        Invalid: messages by field.
    """
    errors: dict[str, list[str]] = {}
    certificates = []
    for kind in CertificateKind:
        row = {k: post.get(f"{kind}_{k}", "").strip() for k in ("number", "valid_from", "valid_to")}
        if any(row.values()):
            loaded, wrong = _load(CertificateForm(), row | {"kind": str(kind)})
            errors |= {f"{kind}_{k}": v for k, v in wrong.items()}
            certificates.append(loaded)
    mine = {f"{kind}_{k}" for kind in CertificateKind for k in ("number", "valid_from", "valid_to")}
    data = {
        key: post.getlist(key) if key in ("roles", "positions") else post.get(key)
        for key in post
        if key not in mine | {"_csrf"}
    }
    loaded, wrong = _load(AccountForm(), data)
    errors |= wrong
    if errors:
        raise Invalid(errors=errors)
    return NewAccount(
        login=loaded["login"],
        name=loaded["name"],
        agency_id=loaded["agency_id"],
        roles=frozenset(loaded["roles"]),
        positions=frozenset(loaded["positions"]),
        certificates=tuple(certificates),
    )
