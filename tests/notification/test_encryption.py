"""Web push in the words of its standards: the example of RFC 8291, a signature anybody can check, closed doors."""

import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from app.kernel.errors import Invalid
from app.notification import delivery, encryption

from .sinks import Browser

# RFC 8291, 5 and appendix A
PLAIN = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_example_of_the_standard():
    own = ec.derive_private_key(int.from_bytes(encryption.unb64(SENDER)), encryption.CURVE)
    made = encryption.encrypted(PLAIN, P256DH, AUTH, encryption.unb64(SALT), own)
    assert encryption.b64(made) == BODY


def test_a_browser_reads_what_was_written_for_it_and_no_other_does():
    mine, other = Browser(1), Browser(2)
    fields = mine.fields()
    made = encryption.encrypted("新到达 2 项".encode(), fields["p256dh"], fields["auth"])
    assert mine.read(made).decode() == "新到达 2 项"
    with pytest.raises(Exception, match=r"^$"):
        other.read(made)


@pytest.mark.parametrize(
    ("p256dh", "auth"), [("AAAA", AUTH), (P256DH, "AAAA"), (P256DH[:-4], AUTH), ("", "")]
)
def test_keys_that_are_none_are_refused(p256dh, auth):
    with pytest.raises(ValueError):
        encryption.encrypted(PLAIN, p256dh, auth)


def test_the_signature_names_the_service_and_can_be_checked(app):
    header = encryption.authorization("https://push.example.org/send/1", "https://xq.example.gov.cn", 1000.0)
    token, key = (part.strip() for part in header.removeprefix("vapid ").split(","))
    head, claims, signature = token.removeprefix("t=").split(".")
    told = json.loads(encryption.unb64(claims))
    assert told["aud"] == "https://push.example.org"
    assert 1000 < told["exp"] <= 1000 + 24 * 3600
    public = encryption.readable_key(key.removeprefix("k="))
    raw = encryption.unb64(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    assert key == f"k={encryption.b64(encryption.public_bytes(encryption.server_key()))}", (
        "the same key always"
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://push.example.org/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://2130706433/a",
        "https://0x7f.1/a",
        "https://localhost/a",
        "https://db.internal/a",
        "https://printer.local./a",
        "https://user:secret@push.example.org/a",
        "https://push.example.org:8443/a",
        "https://push.example.org/a\r\nHost: other",
        "https://push.example.org/a#b",
        "file:///etc/passwd",
        "https://" + "a" * 1000 + ".example.org/",
        "https://push.example.org:x/",
        "",
    ],
)
def test_an_endpoint_that_is_none_is_refused(url):
    with pytest.raises(Invalid):
        delivery.parsed(url)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.5", "172.16.3.4", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
        "::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.5", "64:ff9b::a00:5", "2002:a00:5::1", "224.0.0.1",
        "2001:db8::1",
    ],
)  # fmt: skip
def test_an_address_of_the_own_network_is_not_public(address):
    assert not delivery.public(address)


def test_a_name_that_leads_inside_is_not_called(monkeypatch):
    monkeypatch.setattr(delivery, "looked_up", lambda host: ["93.184.215.14", "10.0.0.5"])
    with pytest.raises(Invalid, match="内部网络"):
        delivery.deliver("https://push.example.org/a", b"", {})


def test_an_installation_may_name_its_push_services(monkeypatch):
    monkeypatch.setenv("XQ_PUSH_HOSTS", "example.org, push.services.mozilla.com")
    assert delivery.parsed("https://push.example.org/a?b=1") == delivery.Endpoint(
        "push.example.org", "/a?b=1"
    )
    with pytest.raises(Invalid):
        delivery.parsed("https://notexample.org/a")
