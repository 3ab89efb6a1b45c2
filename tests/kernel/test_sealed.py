"""Sealed values: what the database, its backups and its administrators cannot read."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from penalty_data import handed_in
from sqlalchemy import text

from app import tables
from app.forms.models import FormDraft
from app.kernel import keys, sealed
from app.kernel.sealed import NotStorable, SealedJson, Unreadable, seal, unseal

HERE = "submission.data"
PARTY = {
    "name": "某建材有限公司",
    "id_code": "91370400XXXG002838",
    "address": "演示工业园3号",
    "n": [1, None, 2.5],
}


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch, tmp_path):
    """A ring of this test alone."""
    monkeypatch.setenv("XQ_DATA_KEYS", str(tmp_path / "keys" / "data.json"))
    keys.forget()
    yield keys.ensure(None)
    keys.forget()


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        "",
        0,
        True,
        PARTY,
        {"䶮": "鑫䶮食品 𠮷野 😀", "a": "\\u0000 typed, not meant"},
        {"big": 2**80, "float": 0.1, "exp": 1e300},
        {"text": "行" * 30_000},
        {"sum": "人民币贰拾伍万元整（¥250,000.00）。", "typed": "\x01a5;", "spelled": "\\u0001a5;"},
        {"སྲིད་གཞུང་": "བོད་ལྗོངས"},
        {
            "file": {"digest": "0123456789abcdef" * 4, "name": "照片¥.jpg"},
            "more": ["f" * 64, "F" * 64, "e" * 65],
        },
        {"said": 'he said "' + "a" * 64 + '" and "\x02"', "b" * 64: "\x02", "typed": "\\u0002"},
        {"བོད་ལྗོངས": "c" * 64},
    ],
)
def test_a_value_comes_back_as_it_was(value):
    blob = seal(value, HERE)
    assert unseal(blob, HERE) == value
    assert unseal(memoryview(blob), HERE) == value
    assert seal(value, HERE) != blob


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("同意。", sealed.GBK),
        ("罚款¥250,000.00元。", sealed.SPELLED),
        ("བོད་ལྗོངས", sealed.UTF_8),
        (["¥", "0123456789abcdef" * 4], sealed.LIFTED),
        (["བོད་ལྗོངས" * 20, "0123456789abcdef" * 4], sealed.UTF_8),
    ],
)
def test_the_shortest_encoding_is_taken(words, encoding):
    assert sealed.decrypt(seal(words, HERE), HERE)[0] == encoding


def test_nothing_of_it_can_be_read():
    blob = seal({"a": "91370400XXXG002838" * 20}, HERE)
    assert b"9137" not in blob
    assert blob[0] == sealed.FORMAT


@pytest.mark.parametrize("at", [0, 1, 2, 13, 14, 20, -1])
def test_an_altered_value_does_not_open(at: int):
    blob = bytearray(seal(PARTY, HERE))
    blob[at] ^= 1
    with pytest.raises(Unreadable):
        unseal(bytes(blob), HERE)


@pytest.mark.parametrize("blob", [b"", b"\1", b"\1\1" + b"0" * 27])
def test_what_is_cut_short_does_not_open(blob: bytes):
    with pytest.raises(Unreadable):
        unseal(blob, HERE)


def test_a_value_opens_in_its_own_column_only():
    with pytest.raises(Unreadable, match=r"work_item\.pending"):
        unseal(seal(PARTY, HERE), "work_item.pending")


@pytest.mark.parametrize("value", [{"a": "x\0y"}, {"a\0": "x"}, "\\\0", {"half": "\ud800"}])
def test_what_no_column_holds_is_refused(value):
    with pytest.raises(NotStorable) as refused:
        seal(value, HERE)
    assert refused.value.status == 400


def test_what_is_no_json_is_refused():
    with pytest.raises(TypeError):
        seal({"at": datetime.now(UTC)}, HERE)


def test_the_dictionary_never_changes():
    """Values of format 1 open with this very text: whoever needs another one makes format 2."""
    digest = hashlib.sha256(sealed.DICTIONARY.read_bytes()).hexdigest()
    assert digest == "0115d68b3eee726d2baf3e1e00a864e1b6210c19ccceb1639dfab1c1a890c273"


def test_a_value_of_the_first_release_still_opens(monkeypatch: pytest.MonkeyPatch):
    secret = {"id": 1, "from": "2000-01-01T00:00:00+00:00", "key": "11" * 32}
    monkeypatch.setenv("XQ_DATA_KEYS", json.dumps({"format": 1, "root": "22" * 32, "keys": [secret]}))
    keys.forget()
    blob = bytes.fromhex(RELEASED)
    assert unseal(blob, HERE) == {"cause": "超过许可排放浓度排放颗粒物", "party": PARTY}


RELEASED = (
    "010139a29748f6cb9ee51818f1b183e95e2e468250441c8fb080c92b43a36c0a2e89637ce595da16f71a0df602aa9abe"
    "a2bfeeff8e30f7a61b49225bd97a366e0f4bd243e1f11ded1c01b18442aec358c563e8c674d0e44732c9cc2e37458d51"
    "765b6aa62799b27e"
)


def test_the_forms_of_a_case_shrink_to_a_third():
    """`stone-mill` is not among the texts from which the dictionary was made."""
    values = handed_in("stone-mill")
    plain = sum(len(orjson.dumps(value)) for value in values)
    assert sum(len(seal(value, HERE)) for value in values) < plain * 0.4
    typical = [value for value in values if 700 < len(orjson.dumps(value)) < 1000]
    assert typical
    assert all(len(seal(value, HERE)) < 380 for value in typical)


def test_every_key_of_the_ring_opens_and_the_newest_seals():
    old = seal(PARTY, HERE)
    assert sealed.key_of(old) == 1
    assert keys.rotate().id == 2
    new = seal(PARTY, HERE)
    assert (sealed.key_of(new), unseal(old, HERE), unseal(new, HERE)) == (2, PARTY, PARTY)


def test_a_key_may_wait_until_every_machine_has_it():
    keys.rotate(timedelta(hours=24))
    assert set(keys.ring().keys) == {1, 2}
    assert sealed.key_of(seal(PARTY, HERE)) == 1


def test_a_process_learns_a_new_key_from_the_file(ring: keys.Ring):
    file = keys.path()
    before = file.read_text()
    keys.rotate()
    blob = seal(PARTY, HERE)
    after = file.read_text()
    file.write_text(before)
    keys.forget()
    with pytest.raises(Unreadable, match="2 号数据密钥"):
        unseal(blob, HERE)
    file.write_text(after)
    assert unseal(blob, HERE) == PARTY  # at once: the ring is read again for an unknown key


def test_a_ring_that_others_can_read_is_refused():
    keys.path().chmod(0o640)
    keys.forget()
    with pytest.raises(keys.KeysError, match="chmod 600") as refused:
        seal(PARTY, HERE)
    assert refused.value.code == "keys_open"


def test_the_ring_is_made_readable_by_its_owner_alone():
    assert keys.path().stat().st_mode & 0o777 == 0o600


def test_a_missing_ring_is_named_and_never_replaced_where_data_are_sealed(ring: keys.Ring):
    known = {"fingerprint": ring.fingerprint}
    keys.path().unlink()
    for attempt in (lambda: seal(PARTY, HERE), lambda: keys.ensure(known)):
        keys.forget()
        with pytest.raises(keys.KeysError, match="没有找到数据密钥文件") as refused:
            attempt()
        assert refused.value.code == "keys_missing"
    assert not keys.path().exists()


def test_another_databases_ring_is_refused():
    with pytest.raises(keys.KeysError, match="不是这个数据库的密钥"):
        keys.ensure({"fingerprint": "0" * 16})


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", '{"format": 1, "root": "00", "keys": []}', '{"format": 2, "root": "", "keys": []}'],
)
def test_a_damaged_ring_is_refused(content: str):
    keys.path().write_text(content)
    keys.forget()
    with pytest.raises(keys.KeysError) as refused:
        keys.ring()
    assert refused.value.code == "keys_bad"


def test_the_ring_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch):
    blob = seal(PARTY, HERE)
    monkeypatch.setenv("XQ_DATA_KEYS", keys.path().read_text())
    keys.forget()
    assert unseal(blob, HERE) == PARTY
    with pytest.raises(keys.KeysError) as refused:
        keys.rotate()
    assert refused.value.code == "keys_fixed"


def test_every_sealed_column_bears_its_own_name():
    """Else a value could be moved to another column of the same name."""
    found = {
        (f"{table.name}.{column.name}", column.type.where)
        for table in tables.load().metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, SealedJson)
    }
    assert {name for name, _ in found} >= {"submission.data", "work_item.pending", "case.party"}
    assert all(name == where for name, where in found)


def test_a_column_is_read_written_and_compared_as_a_value(session):
    draft = FormDraft(account_id=1, scope="work:1", answers=PARTY, updated_at=datetime.now(UTC))
    session.add(draft)
    session.flush()
    stored = session.scalar(text("select answers from form_draft where id = :id"), {"id": draft.id})
    assert b"91370400" not in stored
    session.expire(draft)
    assert draft.answers == PARTY
    draft.answers = dict(PARTY)
    assert not session.is_modified(draft)
    draft.answers = {**PARTY, "name": "乙"}
    session.flush()
    session.expire(draft)
    assert draft.answers["name"] == "乙"
