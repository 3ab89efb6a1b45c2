"""Settings, all from the environment, all with a default that suits one machine.

| variable | meaning |
|---|---|
| DATABASE_URL | PostgreSQL to use; without it the platform supervises its own |
| XQ_HOME | where the embedded database, files and secrets live (default `.xq` beside the project) |
| XQ_SECRET_KEY | key of signatures and codes; without it one is made once and kept in XQ_HOME |
| XQ_DATA_KEYS | keys of sealed data: a file, or its text; default `XQ_HOME/keys/data.json` (`app.kernel.keys`) |
| XQ_OLD_SECRET_KEYS | former keys, separated by commas: what they sealed still holds |
| XQ_FILES | URL of the file store (fsspec); default `XQ_HOME/files` |
| XQ_SEAL_FILES | `0`: files are stored as they are (a store that encrypts by itself) |
| XQ_ANCHORS | folder of the record's daily anchors, best on another disk or a write-once share; default `XQ_HOME/anchors` |
| XQ_BACKUP | folder of backups, best on another machine's disk: archived continuously, backed up daily |
| XQ_BASE_URL | public address, printed into QR codes |
| XQ_EMBED_ORIGINS | sites that may show the public embedded pages: origins or `none`; default `https:`, any portal |
| XQ_SECURE_COOKIES | `1` behind HTTPS |
| XQ_TRUSTED_PROXIES | how many reverse proxies stand in front (default 0): their X-Forwarded-For is believed |
| XQ_METRICS_TOKEN | token with which `/metrics` may be read from elsewhere; without it from this machine only |
| XQ_LOG, XQ_LOG_LEVEL, XQ_SLOW_MS | logs (`app.kernel.logs`) and from when on a statement is slow |
| XQ_WORKER | `0`: web processes run no background worker of their own |
| XQ_SMTP, XQ_MAIL_FROM, XQ_MAIL_DOMAINS | the daily summary by mail, off without the first (`app.notification.mail`) |
| XQ_PUSH, XQ_PUSH_HOSTS | `0`: no web push; the push services that may be called (`app.notification.delivery`) |
| XQ_DEMO | `1`: a demonstration, the sign-in page names its accounts (`script/server` sets it); `0`: no demo city |
| XQ_WEB_PROCESSES, XQ_WEB_THREADS | of `script/server`: web processes (default: processors, at most 4), threads each (4) |
| XQ_POSTGRES_BIN | folder of another PostgreSQL's programs for the embedded database |
| DOC_FONT_DIR | licensed fonts (仿宋_GB2312, 方正小标宋) for documents |
"""

import os
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from . import postgres

ROOT = Path(__file__).resolve().parents[2]


def home() -> Path:
    """The folder of everything the platform keeps on this machine."""
    return Path(os.environ.get("XQ_HOME") or ROOT / ".xq").resolve()


def sockets(address: str) -> Path | None:
    """The socket folder of this home's embedded database, None where the address is another database's."""
    own = postgres.address(home())
    return Path(unquote(own.partition("host=")[2])) if address == own else None


def files() -> str:
    """The URL of the file store."""
    return os.environ.get("XQ_FILES") or (home() / "files").as_uri()


def backup_place() -> Path | None:
    """The folder of backups, None where none is set."""
    given = os.environ.get("XQ_BACKUP")
    return Path(given).resolve() if given else None


def secret_key() -> str:
    """The signing key: from the environment, else made once and kept readable by its owner alone."""
    if key := os.environ.get("XQ_SECRET_KEY"):
        return key
    path = home() / "secret_key"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_hex(32)
        file.write(key)
    return key


def old_secret_keys() -> tuple[str, ...]:
    """Former signing keys, newest first."""
    return tuple(filter(None, (key.strip() for key in os.environ.get("XQ_OLD_SECRET_KEYS", "").split(","))))


def anchors() -> Path:
    """The folder of the record's daily anchors."""
    return Path(os.environ.get("XQ_ANCHORS") or home() / "anchors")


_ORIGIN = re.compile(r"https?:|https?://(\*\.)?[A-Za-z0-9.-]+(:[0-9]{1,5}|:\*)?")


def embed_origins() -> str:
    """The sites that may show embedded pages, as the header of a page names them.

    Raises:
        ValueError: what is set is no list of origins.
    """
    given = os.environ.get("XQ_EMBED_ORIGINS", "https:").split()
    if given == ["none"]:
        return "'none'"
    if wrong := [origin for origin in given if not _ORIGIN.fullmatch(origin)]:
        raise ValueError(f"XQ_EMBED_ORIGINS: {wrong[0]} 不是网站地址，例如 https://www.example.gov.cn。")
    return " ".join(["'self'", *given])


def load() -> dict[str, Any]:
    """The Flask configuration of this process."""
    url = os.environ.get("DATABASE_URL") or postgres.address(home())
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            url = "postgresql+psycopg://" + url.removeprefix(prefix)
    return {
        "SECRET_KEY": secret_key(),
        "OLD_SECRET_KEYS": old_secret_keys(),
        "SQLALCHEMY_DATABASE_URI": url,
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": 10, "max_overflow": 10, "hide_parameters": True},
        "MAX_CONTENT_LENGTH": 220 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 5_000,
        "FILES": files(),
        "SEAL_FILES": os.environ.get("XQ_SEAL_FILES") != "0",
        "ANCHORS": str(anchors()),
        "EMBED_ORIGINS": embed_origins(),
        "BASE_URL": os.environ.get("XQ_BASE_URL", "http://127.0.0.1:8000"),
        "TRUSTED_PROXIES": int(os.environ.get("XQ_TRUSTED_PROXIES", "0")),
        "SECURE_COOKIES": os.environ.get("XQ_SECURE_COOKIES") == "1",
        "METRICS_TOKEN": os.environ.get("XQ_METRICS_TOKEN", ""),
        "DEMO": os.environ.get("XQ_DEMO") == "1",
        "JSON_AS_ASCII": False,
    }
