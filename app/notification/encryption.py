"""Web push: the content encrypted for one browser (RFC 8291, aes128gcm of RFC 8188), and the signature by which a push
service knows who sends (VAPID, RFC 8292).
"""

import base64
import hashlib
import hmac
import json
import os
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.kernel import keys

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of P-256 (FIPS 186-5)."""
RECORD = 4096
MOST = 3000
"""Bytes of content: one record with its head fits the 4096 that every push service takes."""
VALID = 12 * 3600
"""Seconds a signature holds; RFC 8292 allows a day at most."""


def b64(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of a base64url text, with or without padding.

    Raises:
        ValueError: it is none.
    """
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def server_key() -> ec.EllipticCurvePrivateKey:
    """The installation's key pair: derived from the root of the key ring, so the same on every machine, kept and
    backed up with it, and never another one."""
    seed = int.from_bytes(keys.ring().derive("web push", 32))
    return ec.derive_private_key(seed % (ORDER - 1) + 1, CURVE)


def public_bytes(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) -> bytes:
    """The public point, uncompressed: 65 bytes."""
    public = key.public_key() if isinstance(key, ec.EllipticCurvePrivateKey) else key
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _expand(key: bytes, info: bytes, length: int) -> bytes:
    return hmac.digest(key, info + b"\x01", hashlib.sha256)[:length]


def readable_key(p256dh: str) -> ec.EllipticCurvePublicKey:
    """A browser's public key.

    Raises:
        ValueError: it is no point of the curve.
    """
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, unb64(p256dh))
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from error


def encrypted(
    content: bytes,
    p256dh: str,
    auth: str,
    salt: bytes | None = None,
    own: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """The content for one browser, as the body of a push message. `salt` and `own` are fresh but in tests.

    Raises:
        ValueError: the browser's keys are none, or the content is too long.
    """
    if len(content) > MOST:
        raise ValueError("a push message holds 3000 bytes at most")
    secret, theirs = unb64(auth), readable_key(p256dh)
    if len(secret) != 16:
        raise ValueError("the authentication secret has 16 bytes")
    salt, own = salt or os.urandom(16), own or ec.generate_private_key(CURVE)
    mine = public_bytes(own)
    shared = own.exchange(ec.ECDH(), theirs)
    key = _expand(
        hmac.digest(secret, shared, hashlib.sha256), b"WebPush: info\x00" + public_bytes(theirs) + mine, 32
    )
    random = hmac.digest(salt, key, hashlib.sha256)
    cipher = AESGCM(_expand(random, b"Content-Encoding: aes128gcm\x00", 16))
    nonce = _expand(random, b"Content-Encoding: nonce\x00", 12)
    head = salt + RECORD.to_bytes(4) + bytes((len(mine),)) + mine
    return head + cipher.encrypt(nonce, content + b"\x02", None)


def authorization(
    endpoint: str, contact: str, now: float, key: ec.EllipticCurvePrivateKey | None = None
) -> str:
    """The Authorization header of a delivery to an endpoint; `contact` is a mailto: or https: address."""
    key = key or server_key()
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int(now) + VALID, "sub": contact}
    signed = ".".join(b64(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"vapid t={signed}.{b64(r.to_bytes(32) + s.to_bytes(32))}, k={b64(public_bytes(key))}"
