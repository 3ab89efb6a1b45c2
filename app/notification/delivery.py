"""One push message over HTTPS to an address that somebody's browser gave: never to a machine of the own network.

The host's addresses are looked up once, all must be public, and the connection goes to the one that was looked at, so that
a name that points elsewhere a moment later (DNS rebinding) leads nowhere. Redirects are not followed.
"""

import http.client
import ipaddress
import os
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.kernel.errors import Invalid

TIMEOUT = 15.0
"""Seconds for the connection and for the answer."""
LONGEST = 1000
GONE = frozenset({404, 410})
"""The push service says that the browser has ended the subscription (RFC 8030, 7.3)."""


class Refused(OSError):
    """The push service does not take the message."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a message goes."""

    host: str
    path: str


def allowed_hosts() -> frozenset[str]:
    """The push services this installation may speak to (`XQ_PUSH_HOSTS`); empty: any public one."""
    return frozenset(os.environ.get("XQ_PUSH_HOSTS", "").lower().replace(",", " ").split())


def turned_off() -> bool:
    """Whether this installation sends no push messages (`XQ_PUSH=0`: a network without a way out)."""
    return os.environ.get("XQ_PUSH", "") == "0"


def parsed(url: str) -> Endpoint:
    """An endpoint that may be called, as far as its text tells.

    Raises:
        Invalid: not https, with a port or a user, a bare address, an internal name, or a host that is not allowed.
    """
    wrong = Invalid("浏览器给出的推送地址不能使用，请换一个浏览器，或者联系管理员。", code="push_endpoint")
    if len(url) > LONGEST or not url.isascii() or any(c.isspace() or ord(c) < 32 for c in url):
        raise wrong
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise wrong from None
    host = (parts.hostname or "").rstrip(".").lower()
    if (
        parts.scheme != "https"
        or port not in (None, 443)
        or parts.username
        or parts.password
        or parts.fragment
    ):
        raise wrong
    if "." not in host or _is_address(host) or host.endswith((".local", ".internal", ".localhost", ".lan")):
        raise wrong
    hosts = allowed_hosts()
    if hosts and not any(host == each or host.endswith(f".{each}") for each in hosts):
        raise wrong
    return Endpoint(host, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host.replace(".", "").isdigit() or host.startswith("0x")
    return True


def looked_up(host: str) -> Sequence[str]:
    """The addresses of a host."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]


def public(address: str) -> bool:
    """Whether an address is one of the open Internet: not private, loopback, link-local, shared, reserved."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if any(found in net for net in TRANSLATED) or found.sixtofour or found.teredo:
            return False  # an IPv4 address in another coat, perhaps an internal one
        found = found.ipv4_mapped or found
    return found.is_global and not found.is_multicast


class _Pinned(http.client.HTTPSConnection):
    """A connection to a known address that demands the certificate of the host's name."""

    def __init__(self, host: str, address: tuple[str, int], context: ssl.SSLContext):
        super().__init__(host, timeout=TIMEOUT, context=context)
        self._address, self._secure = address, context

    def connect(self) -> None:
        plain = socket.create_connection(self._address, TIMEOUT)
        try:
            self.sock = self._secure.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


PORT = 443
TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
"""IPv4 addresses as NAT64 writes them (RFC 6052, RFC 8215)."""


def deliver(url: str, body: bytes, headers: Mapping[str, str], context: ssl.SSLContext | None = None) -> bool:
    """Hand a message to a push service. False: the subscription is gone.

    Raises:
        Invalid: the endpoint may not be called.
        Refused: the service does not take it now.
        OSError: it cannot be reached.
    """
    endpoint = parsed(url)
    addresses = looked_up(endpoint.host)
    if not addresses or not all(public(address) for address in addresses):
        raise Invalid("推送地址指向内部网络，已拒绝。", code="push_endpoint")
    connection = _Pinned(endpoint.host, (addresses[0], PORT), context or ssl.create_default_context())
    try:
        connection.request("POST", endpoint.path, body, dict(headers))
        answer = connection.getresponse()
        answer.read(2000)
    except http.client.HTTPException as error:
        raise Refused(type(error).__name__) from error
    finally:
        connection.close()
    if answer.status in GONE:
        return False
    if answer.status >= 300:
        raise Refused(f"the push service answered {answer.status}")
    return True
