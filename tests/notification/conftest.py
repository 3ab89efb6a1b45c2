"""A town with open tasks, a mail server and a push service beside it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from callers import cheap_hashes
from cases.town import Town, own_town

from app.kernel import clock
from app.notification import delivery

from .sinks import HOST, MailBox, PushService, mail_box, push_service

__all__ = ["cheap_hashes"]
WORKDAY = datetime(2026, 11, 30, 8, 5, tzinfo=clock.CHINA)
"""A Monday."""


@pytest.fixture(scope="module")
def town(app, database_url: str) -> Iterator[Town]:
    with own_town(database_url) as made:
        yield made


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailBox]:
    with mail_box() as box:
        monkeypatch.setenv("XQ_SMTP", f"smtp://127.0.0.1:{box.port}")
        monkeypatch.setenv("XQ_MAIL_FROM", "xq@example.gov.cn")
        yield box


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PushService]:
    """The push service, reached as if it stood in the open Internet."""
    with push_service(tmp_path) as kept:
        monkeypatch.setattr(delivery, "looked_up", lambda host: ["127.0.0.1"] if host == HOST else [])
        monkeypatch.setattr(delivery, "public", lambda address: address == "127.0.0.1")
        monkeypatch.setattr(delivery, "PORT", kept.port)
        monkeypatch.setattr(delivery.ssl, "create_default_context", lambda: kept.context)
        yield kept


def later(**much: int) -> datetime:
    """A moment after the working day began."""
    return WORKDAY + timedelta(**much)
