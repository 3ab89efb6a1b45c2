"""What the tests of this room share: short ways to a form, a post, a context."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage, MultiDict

from app.forms.service import Form, FormContext, OfficerOption, load

TODAY = date(2026, 11, 21)


def make(*items: dict[str, Any], **more: Any) -> Form:
    return load({"key": "trial", "title": "试表", "version": 1, "items": list(items), **more})


def text(key: str = "a", **more: Any) -> dict[str, Any]:
    return {"type": "text", "key": key, "label": f"文字{key}", **more}


def upload(name: str, content: bytes) -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name)


def zipped(**entries: str | bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in entries.items():
            container.writestr(name, content)
    return buffer.getvalue()


PDF = b"%PDF-1.7\n%demo\n"
DOCX = zipped(**{"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"})


def context_with(previous: dict[str, Any] | None = None, scope: str = "") -> FormContext:
    officers = [
        OfficerOption(1, "甲子001(演示)", frozenset({"investigator"}), {"enforcement": "演示A001"}),
        OfficerOption(2, "甲子002(演示)", frozenset({"legal_review"}), {"legal": "演示B002"}),
        OfficerOption(3, "甲子003(演示)"),
    ]
    return FormContext(officers, previous, TODAY, scope)


@pytest.fixture
def form_context() -> FormContext:
    return context_with()


@pytest.fixture
def check(form_context: FormContext) -> Callable[[Form, dict[str, Any]], dict[str, Any]]:
    """Parse a post given as a plain dict and validate it."""

    def run(form: Form, post: dict[str, Any]) -> dict[str, Any]:
        return form.validate(form.parse(MultiDict(post)), form_context)

    return run
