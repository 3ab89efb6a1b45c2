"""The one descriptor of `xq` knows every attribute that the engine, the proof and the pages read, and no other."""

import json
import re

from app.diagrams import calls
from app.kernel.settings import ROOT
from app.verify import reader

DESCRIPTOR = json.loads((ROOT / "app/frontend/src/studio/modeler/xq.json").read_text(encoding="utf-8"))
ROOMS = ("engine", "verify", "cases", "documents", "deadlines", "diagrams", "inbox", "supervision")
SERVER = [path for room in ROOMS for path in ROOT.glob(f"app/{room}/**/*.py")]
READ = re.compile(r"attributes(?:\.get\(\s*|\[)\"([a-z]+)\"")
DOCUMENTED = re.compile(r"`xq:([a-z]+)`")


def properties(*names: str) -> set[str]:
    return {
        each["name"]
        for kind in DESCRIPTOR["types"]
        if not names or kind["name"] in names
        for each in kind["properties"]
    }


def test_it_speaks_of_the_namespace_the_reader_reads():
    assert DESCRIPTOR["uri"] == reader.XQ
    assert DESCRIPTOR["prefix"] == "xq"


def test_it_knows_what_the_server_reads():
    found = {name for path in SERVER for name in READ.findall(path.read_text(encoding="utf-8"))}
    assert {"step", "limit", "officers", "form", "action", "from", "rounds", "abnormal", "kind"} <= found
    assert found <= properties(), sorted(found - properties())


def test_it_knows_what_the_documentation_lists_and_nothing_else():
    text = (ROOT / "docs/procedures.md").read_text(encoding="utf-8")
    table = text[text.index("### Attributes") : text.index("### Elements")]
    listed = set(DOCUMENTED.findall(table)) - {"document"}
    of_elements = {k["name"] for k in DESCRIPTOR["types"]} - {"Document", "With"}
    assert properties(*of_elements) == listed - {"with"}
    assert properties("Document") == {"code", "when", "form", "if"}
    assert "<xq:document" in table
    assert properties("With") == {"node", "documents", "papers", *calls.OWN}
    assert "<xq:with" in table


def test_nothing_is_left_to_defaults_and_everything_is_text():
    for kind in DESCRIPTOR["types"]:
        for each in kind["properties"]:
            if each["type"] == "Document":
                continue  # the papers of a call stand inside it
            assert set(each) == {"name", "isAttr", "type"}
            assert each["type"] == "String"


def test_it_knows_what_the_shipped_diagrams_say():
    for path in ROOT.glob("bpmn/**/*.bpmn"):
        root = reader.parse(path.read_bytes())
        prefix = f"{{{reader.XQ}}}"
        said = {
            str(k).removeprefix(prefix) for e in root.iter() for k in e.attrib if str(k).startswith(prefix)
        }
        assert said <= properties(), path
