"""What stands for the world outside: a mail server and a push service on this machine, each on a port of its own."""

import datetime as dt
import socketserver
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from app.notification import encryption

HOST = "push.example.org"


@dataclass
class MailBox:
    """A mail server that keeps what it is given; it refuses the next `failing` messages."""

    port: int = 0
    failing: int = 0
    kept: list[EmailMessage] = field(default_factory=list)


class _Smtp(socketserver.StreamRequestHandler):
    box: MailBox

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 sink")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word in (b"EHLO", b"HELO"):
                self.say("250 sink")
            elif word == b"DATA":
                self.data()
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def data(self) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if self.box.failing:
            self.box.failing -= 1
            self.say("451 later")
            return
        made = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(made, EmailMessage)
        self.box.kept.append(made)
        self.say("250 kept")


@contextmanager
def mail_box() -> Iterator[MailBox]:
    """A mail server that runs until the block ends."""
    box = MailBox()
    handler = type("Handler", (_Smtp,), {"box": box})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()


@dataclass
class PushService:
    """A push service that keeps what it is given and answers `status`."""

    port: int = 0
    status: int = 201
    kept: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


@contextmanager
def push_service(folder: Path) -> Iterator[PushService]:
    """A push service with a certificate for `HOST`, which `context` trusts."""
    kept = PushService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.kept.append((self.path, dict(self.headers), body))
            self.send_response(kept.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing on the screen."""

    certificate, key = _certificate(folder)
    kept.context = ssl.create_default_context(cafile=str(certificate))
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        secure.load_cert_chain(certificate, key)
        server.socket = secure.wrap_socket(server.socket, server_side=True)
        kept.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield kept
        finally:
            server.shutdown()
            thread.join()


class Browser:
    """The receiving end of web push: its keys, and how it reads what came (RFC 8291, by another way than ours)."""

    def __init__(self, number: int = 1):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = bytes(range(number, number + 16))
        self.endpoint = f"https://{HOST}/send/{number}"

    def fields(self) -> dict[str, str]:
        """What the browser's script posts."""
        return {
            "endpoint": self.endpoint,
            "p256dh": encryption.b64(encryption.public_bytes(self.key)),
            "auth": encryption.b64(self.auth),
        }

    def read(self, body: bytes) -> bytes:
        """The content of a message."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        theirs, cipher = body[21 : 21 + length], body[21 + length :]
        assert len(cipher) <= size
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        shared = self.key.exchange(ec.ECDH(), public)
        info = b"WebPush: info\x00" + encryption.public_bytes(self.key) + theirs
        material = HKDF(hashes.SHA256(), 32, self.auth, info).derive(shared)
        key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\x00").derive(material)
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\x00").derive(material)
        padded = AESGCM(key).decrypt(nonce, cipher, None)
        content, _, padding = padded.rpartition(b"\x02")
        assert not padding.strip(b"\x00")
        return content
