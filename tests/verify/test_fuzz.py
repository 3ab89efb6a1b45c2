"""No file, however broken, does anything to the reader, the net or the proof but be read or refused.

XQ_MANY=1 breaks 10,000 files instead of the default share.
"""

import json
import os
import random
import subprocess
import sys

import pytest

from app.kernel.errors import Invalid
from app.kernel.settings import ROOT
from app.verify import reader
from tests.verify import fuzz

FILES = 10_000 if os.environ.get("XQ_MANY") else 500


def run(count: int, seed: int) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "tests.verify.fuzz", str(count), str(seed)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1_800,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(done.stdout)


def test_broken_files_are_read_or_refused():
    found = run(FILES, 20260322)
    print(found)
    assert found["failures"] == []
    assert sum(found["outcomes"].values()) == FILES
    assert min(found["outcomes"][name] for name in ("invalid", "faulty")) > 0
    assert found["peak"] < 400_000_000


def test_the_meter_and_the_summary_notice_what_goes_wrong(monkeypatch, capsys):
    """The check above can fail: an error and a hang are both told."""
    monkeypatch.setattr(fuzz.resource, "setrlimit", lambda *limits: None)
    monkeypatch.setattr(fuzz, "CALLS", 1_000)

    def attempt(xml: bytes) -> str:
        if len(xml) % 2:
            raise KeyError("lost")
        while True:
            len(xml)

    monkeypatch.setattr(fuzz, "attempt", attempt)
    fuzz.main(20, 1)
    failures = json.loads(capsys.readouterr().out)["failures"]
    assert {failure.split()[2] for failure in failures} == {"KeyError", "Hang"}
    assert len(failures) == 20


@pytest.mark.parametrize("source", fuzz.corpus(), ids=range(len(fuzz.corpus())))
@pytest.mark.parametrize(
    "declaration",
    [
        fuzz.BOMB,
        fuzz.FILE,
        b'<!DOCTYPE definitions SYSTEM "http://localhost:9/d.dtd">',
        b"<!DOCTYPE d [<!ENTITY % p SYSTEM 'file:///etc/hostname'>%p;]>",
        b"<!DOCTYPE d>",
    ],
    ids=["expansion", "file", "dtd", "parameter", "empty"],
)
def test_document_types_and_entities_are_refused(source, declaration):
    end = source.find(b"?>") + 2
    xml = source[:end] + declaration + source[end:].replace(b'name="', b'name="&b;&f;', 1)
    with pytest.raises(Invalid) as refused:
        reader.read(xml)
    assert refused.value.code == "doctype"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-7", "gb18030"])
def test_a_document_type_in_another_encoding_does_not_slip_through(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE d [<!ENTITY f "很多">]><d>&f;</d>'
    with pytest.raises(Invalid):
        reader.read(text.encode(encoding))


def test_undeclared_entities_and_inclusions_are_not_resolved():
    with pytest.raises(Invalid):
        reader.read(b'<d xmlns="urn:x">&f;</d>')
    included = (
        f'<definitions xmlns="{reader.BPMN}" xmlns:xi="http://www.w3.org/2001/XInclude"><process id="q">'
        '<task id="t"/><xi:include href="/etc/hostname" parse="text"/></process></definitions>'
    )
    (process,) = reader.read(included.encode())
    assert [unread.tag.split("@")[0] for unread in process.unread] == ["include"]


def test_a_file_that_is_too_large_is_refused_before_it_is_parsed():
    with pytest.raises(Invalid) as refused:
        reader.read(b"<" * (reader.MAX_BYTES + 1))
    assert refused.value.code == "too_large"


@pytest.mark.parametrize("breaking", [fuzz.nesting, fuzz.many], ids=["nesting", "many"])
def test_deep_and_large_diagrams_cost_a_bounded_amount_of_work(breaking):
    dice, meter = random.Random(5), fuzz.Meter()
    for source in fuzz.corpus()[:3]:
        with meter:
            fuzz.attempt(breaking(source, dice))
    assert 0 < meter.most <= fuzz.CALLS
