"""Mail by SMTP, off unless `XQ_SMTP` says where: `smtp://host:25`, `smtp+starttls://user:password@host:587`,
`smtps://user:password@host:465`. User and password are percent-encoded.
"""

import os
import re
import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from app.kernel import clock
from app.kernel.errors import Invalid, XingquanError

SCHEMES = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
TIMEOUT = 20.0
"""Seconds for one answer of the mail server."""
ADDRESS = re.compile(
    r"[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{1,63})+)"
)


class MailError(XingquanError):
    """The settings of mail are wrong. The message says what to do."""

    status = 503
    code = "mail"


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in, and in whose name."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    sender: str
    domains: frozenset[str]
    """Only addresses of these domains are taken; empty: any."""

    def __repr__(self) -> str:
        return f"Server({self.scheme}://{self.host}:{self.port})"


def configured() -> Server | None:
    """The mail server of this installation, None where there is none.

    Raises:
        MailError: the settings are wrong.
    """
    given = os.environ.get("XQ_SMTP", "").strip()
    if not given:
        return None
    try:
        parts = urlsplit(given)
        port = parts.port or SCHEMES.get(parts.scheme, 0)
    except ValueError:
        parts, port = urlsplit(""), 0
    sender = os.environ.get("XQ_MAIL_FROM", "").strip()
    if parts.scheme not in SCHEMES or not parts.hostname or not port:
        raise MailError("XQ_SMTP 的写法不对，应当像 smtps://用户:密码@主机:465。")
    if not ADDRESS.fullmatch(sender):
        raise MailError("设置了 XQ_SMTP，还要在 XQ_MAIL_FROM 中写明发件地址。")
    domains = os.environ.get("XQ_MAIL_DOMAINS", "").lower().replace(",", " ").split()
    return Server(
        parts.scheme,
        parts.hostname,
        port,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        sender,
        frozenset(domains),
    )


def checked(address: str, server: Server) -> str:
    """An address mail may be sent to.

    Raises:
        Invalid: it is none, or of a domain that is not allowed.
    """
    found = ADDRESS.fullmatch(address.strip())
    if found is None or len(address.strip()) > 120:
        raise Invalid(errors={"address": ["请填写完整的邮箱地址，例如 name@example.gov.cn。"]})
    if server.domains and found[1].lower() not in server.domains:
        allowed = "、".join(sorted(server.domains))
        raise Invalid(errors={"address": [f"只能填写本单位的邮箱（{allowed}）。"]})
    return address.strip()


def message(server: Server, to: str, subject: str, plain: str, html: str, ident: str) -> EmailMessage:
    """A message in both forms. `ident` is the same on every attempt, so that a mailbox knows a repetition."""
    made = EmailMessage()
    made["From"] = Address("行权平台", addr_spec=server.sender)
    made["To"] = Address(addr_spec=to)
    made["Subject"] = subject
    made["Date"] = format_datetime(clock.now())
    made["Message-ID"] = f"<{ident}@{server.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(plain)
    made.add_alternative(html, subtype="html")
    return made


def send(server: Server, made: EmailMessage) -> None:
    """Hand a message in.

    Raises:
        OSError, smtplib.SMTPException: the mail server does not take it.
    """
    context = ssl.create_default_context()
    if server.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    with connection:
        if server.scheme == "smtp+starttls":
            connection.starttls(context=context)
        if server.user:
            connection.login(server.user, server.password)
        connection.send_message(made)
