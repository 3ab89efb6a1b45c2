"""Words the record's lines are made of: what deflate may refer to instead of spelling it out.

`data/dictionary-<format>.txt` of a released format never changes: with another one, nothing that was written
can be read. New words go into a new format. `␀` in the file stands for the place of a digest.
"""

from pathlib import Path

FOLDER = Path(__file__).parent / "data"


def _read(name: str) -> bytes:
    text = (FOLDER / name).read_text(encoding="utf-8")
    return text.replace("\n", "").replace("␀", "\0").encode()


DICTIONARIES: dict[int, bytes] = {1: _read("dictionary-1.txt")}
"""The dictionary of every format, by the format's number."""
