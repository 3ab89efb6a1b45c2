"""Marshmallow fields for the item types it does not know. Messages are Chinese and say what to do."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields

from app.kernel import money

from . import codes, patterns
from .context import FormContext, OfficerOption
from .definition import (
    EVIDENCE_FIELDS,
    EVIDENCE_KINDS,
    PARTY_FIELDS,
    PARTY_KINDS,
    Day,
    Law,
    Money,
    Number,
    Opinion,
    Party,
    Person,
    Text,
)

FILL_IN = "请填写此项。"
CHOOSE = "请选择一项。"
_AMOUNT = re.compile(r"-?[0-9]{1,15}(?:\.([0-9]{1,10}))?\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?\Z")
_PHONE = re.compile(r"[0-9+()\-\s,、;转]{5,60}\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


def text_within(value: Any, most: int) -> str:
    """A text no longer than `most` characters (code points).

    Raises:
        ValidationError: it is none, or longer.
    """
    if not isinstance(value, str):
        raise ValidationError("格式不正确，请重新填写。")
    if len(value) > most:
        raise ValidationError(f"最多 {most} 个字，现有 {len(value)} 个字，请删减。")
    return value


class TextField(fields.Field):
    """One line or a block of text."""

    def __init__(self, item: Text, **kwargs: Any):
        super().__init__(**kwargs)
        self.item = item

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = text_within(value, self.item.max_length)
        if text and (written := len(text.strip())) < self.item.min_length:
            raise ValidationError(f"至少写 {self.item.min_length} 个字，现有 {written} 个字，请写具体。")
        if self.item.pattern and not patterns.matches(self.item.pattern, text):
            raise ValidationError(self.item.pattern_message or "格式不正确，请按说明填写。")
        return text


def _decimal(value: Any, places: int, low: Decimal, high: Decimal) -> Decimal:
    text = money.plain(value) if isinstance(value, str) else str(value)
    match = _AMOUNT.match(text) if not isinstance(value, bool) else None
    if match is None:
        raise ValidationError("请填写数字，例如 1200.50。")
    if len(match[1] or "") > places:
        raise ValidationError(f"最多 {places} 位小数。" if places else "请填写整数。")
    number = Decimal(text)
    if number < low:
        raise ValidationError(f"不能小于 {low}。")
    if number > high:
        raise ValidationError(f"不能大于 {high}。")
    return number


class NumberField(fields.Field):
    """A JSON number."""

    def __init__(self, item: Number, **kwargs: Any):
        super().__init__(**kwargs)
        self.item = item

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int | float:
        number = _decimal(value, self.item.decimals, self.item.minimum, self.item.maximum)
        return int(number) if number == number.to_integral_value() else float(number)


class MoneyField(fields.Field):
    """Yuan in the canonical spelling."""

    def __init__(self, item: Money, **kwargs: Any):
        super().__init__(**kwargs)
        self.item = item

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        return money.canonical(_decimal(value, 2, self.item.minimum, self.item.maximum))


class DayField(fields.Field):
    """An ISO date, or a minute in China Standard Time (`2026-05-02T09:30`)."""

    def __init__(self, item: Day, today: date, **kwargs: Any):
        super().__init__(**kwargs)
        self.item = item
        self.today = today

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        moment = self.item.type == "datetime"
        example = "2026-05-02T09:30" if moment else "2026-05-02"
        if not isinstance(value, str) or not (_MOMENT if moment else _DAY).match(value):
            raise ValidationError(f"请填写有效的{'日期和时间' if moment else '日期'}，例如 {example}。")
        try:
            parsed = datetime.fromisoformat(value)
        except ValueError:
            raise ValidationError(f"没有这一天，请填写有效的日期，例如 {example}。") from None
        day = parsed.date()
        earliest, latest = self._bound(self.item.earliest), self._bound(self.item.latest)
        if day.year < 1900 or (earliest and day < earliest):
            raise ValidationError(f"不能早于 {(earliest or date(1900, 1, 1)).isoformat()}。")
        if latest and day > latest:
            raise ValidationError(f"不能晚于 {latest.isoformat()}。")
        return parsed.isoformat(timespec="minutes") if moment else day.isoformat()

    def _bound(self, bound: str) -> date | None:
        return self.today if bound == "today" else date.fromisoformat(bound) if bound else None


class PersonField(fields.Field):
    """An eligible officer: `{id, name, certificate}`, or a list of them."""

    def __init__(self, item: Person, context: FormContext, **kwargs: Any):
        super().__init__(**kwargs)
        self.item = item
        self.officers = {str(officer.id): officer for officer in context.eligible(item)}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not self.item.multiple:
            return self._one(value)
        if not isinstance(value, list):
            raise ValidationError(CHOOSE)
        return [self._one(each) for each in value]

    def _one(self, value: Any) -> dict[str, Any]:
        officer: OfficerOption | None = self.officers.get(
            str(value.get("id")) if isinstance(value, Mapping) else str(value)
        )
        if officer is None:
            raise ValidationError("这名人员不在可选名单中（岗位或者证件不符），请重新选择。")
        certificate = officer.certificates.get(self.item.certificate or "enforcement", "")
        return {"id": officer.id, "name": officer.name, "certificate": certificate}


class PartyField(fields.Field):
    """A party with all six parts; the code is checked by the standard that its kind calls for."""

    LIMITS: Mapping[str, int] = {"name": 120, "legal_representative": 60, "address": 300, "phone": 60}

    def __init__(self, item: Party, today: date, **kwargs: Any):
        super().__init__(**kwargs)
        self.item = item
        self.today = today

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, str]:
        if not isinstance(value, Mapping) or not set(value) <= set(PARTY_FIELDS):
            raise ValidationError("格式不正确，请重新填写。")
        errors: dict[str, list[str]] = {}
        party = dict.fromkeys(PARTY_FIELDS, "")
        for name in PARTY_FIELDS:
            given = value.get(name) or ""
            try:
                party[name] = text_within(given, self.LIMITS.get(name, 60))
            except ValidationError as wrong:
                errors[name] = list(wrong.messages)
            if not given and name in self.item.requires:
                errors[name] = [CHOOSE if name == "kind" else FILL_IN]
        kind = party["kind"]
        if kind and kind not in PARTY_KINDS:
            errors["kind"] = [CHOOSE]
        if kind == "person":
            party["legal_representative"] = ""  # only an organisation has one
            errors.pop("legal_representative", None)
        if party["id_code"] and kind in PARTY_KINDS:
            person = kind == "person"
            checked = (
                codes.check_resident_id(party["id_code"], self.today)
                if person
                else codes.check_uscc(party["id_code"])
            )
            party["id_code"] = checked.value
            if checked.error:
                errors["id_code"] = [checked.error]
        if party["phone"] and not _PHONE.match(party["phone"]):
            errors["phone"] = ["联系电话只能包含数字和 + - ( ) 等符号，请核对。"]
        if errors:
            raise ValidationError(errors)  # type: ignore[arg-type]
        return party


class OpinionField(fields.Field):
    """A stance and its reason. The reason is obligatory unless one agrees with who came before."""

    def __init__(self, item: Opinion, previous: Mapping[str, Any] | None, dissent: str = "", **kwargs: Any):
        super().__init__(**kwargs)
        self.item = item
        self.previous = previous
        self.dissent = dissent

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, str]:
        if not isinstance(value, Mapping) or not set(value) <= {"stance", "text"}:
            raise ValidationError("格式不正确，请重新填写。")
        stance = value.get("stance") or ""
        if stance not in {option.value for option in self.item.options}:
            raise ValidationError({"stance": ["请选择意见。"]})  # type: ignore[arg-type]
        try:
            text = text_within(value.get("text") or "", 2_000)
        except ValidationError as wrong:
            raise ValidationError({"text": wrong.messages}) from None  # type: ignore[arg-type]
        before = (self.previous or {}).get("stance")
        if not text and stance != "agree":
            raise ValidationError({"text": ["不同意或者要求修改时，请写明理由。"]})  # type: ignore[arg-type]
        if not text and self.dissent:
            raise ValidationError({"text": [self.dissent]})  # type: ignore[arg-type]
        if not text and before and before != stance:
            raise ValidationError(  # type: ignore[arg-type]
                {"text": ["与前一环节的意见不一致，请写明理由。"]}
            )
        return {"stance": stance, "text": text}


class LawField(fields.Field):
    """A law and its article."""

    def __init__(self, item: Law, **kwargs: Any):
        super().__init__(**kwargs)
        self.item = item

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, str]:
        if not isinstance(value, Mapping) or not set(value) <= {"law", "article"}:
            raise ValidationError("格式不正确，请重新填写。")
        law = {name: text_within(value.get(name) or "", 120) for name in ("law", "article")}
        missing = {name: [FILL_IN] for name, text in law.items() if not text}
        if missing:
            raise ValidationError(missing)  # type: ignore[arg-type]
        return law


def stored_file(value: Any) -> dict[str, Any]:
    """A file that `uploads` has stored.

    Raises:
        ValidationError: it has another shape.
    """
    shape = {"name": str, "digest": str, "size": int, "type": str}
    if not isinstance(value, Mapping) or set(value) != set(shape):
        raise ValidationError("附件无效，请重新上传。")
    if any(not isinstance(value[name], kind) for name, kind in shape.items()) or not _DIGEST.match(
        value["digest"]
    ):
        raise ValidationError("附件无效，请重新上传。")
    return dict(value)


class FilesField(fields.Field):
    """A list of stored files."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            raise ValidationError("附件无效，请重新上传。")
        return [stored_file(each) for each in value]


class EvidenceRowField(fields.Field):
    """One piece of evidence with all five parts; `file` may be None."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping) or not set(value) <= set(EVIDENCE_FIELDS):
            raise ValidationError("格式不正确，请重新填写。")
        errors: dict[str, list[str]] = {}
        row: dict[str, Any] = {"kind": value.get("kind") or "", "pages": None, "file": None}
        if row["kind"] not in EVIDENCE_KINDS:
            errors["kind"] = ["请选择证据种类。"]
        for name, most in (("name", 200), ("proves", 1_000)):
            try:
                row[name] = text_within(value.get(name) or "", most)
            except ValidationError as wrong:
                errors[name] = list(wrong.messages)
        if not value.get("name"):
            errors["name"] = [FILL_IN]
        try:
            if value.get("pages") not in (None, ""):
                row["pages"] = int(_decimal(value["pages"], 0, Decimal(1), Decimal(100_000)))
        except ValidationError as wrong:
            errors["pages"] = list(wrong.messages)
        try:
            row["file"] = stored_file(value["file"]) if value.get("file") else None
        except ValidationError as wrong:
            errors["file"] = list(wrong.messages)
        if errors:
            raise ValidationError(errors)  # type: ignore[arg-type]
        return {name: row[name] for name in EVIDENCE_FIELDS}
