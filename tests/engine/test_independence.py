"""The engine's tests stand on their own: nothing is read from outside the repository."""

from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
ROOMS = ("engine", "verify", "differential")


@pytest.mark.parametrize("room", ROOMS)
def test_no_test_reads_files_from_elsewhere(room):
    outside = ("/" + "work", "shared" + "/", "spikes" + "/")
    for file in (HERE / room).rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert not [word for word in outside if word in text], file
