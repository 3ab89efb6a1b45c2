"""A procedure's bundle: everything that is published together, and the same as a tree of text files.

The tree is what a draft, a ZIP and `bpmn/<key>` hold: `external.bpmn`, `internal.bpmn`, `rules.yaml`,
`forms/<key>.json`, `documents/<code>.yaml` and `documents/<code>.sample.json`, `tables/<name>.dmn`,
`runs/<name>.json`, `called/<name>.bpmn`.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lxml import etree

from app.kernel.errors import Invalid
from app.kernel.settings import ROOT
from app.verify import reader

from . import calls, texts
from .draft_tree import EXTERNAL, INTERNAL, MOST_BYTES, MOST_PATHS, MOST_TOTAL, NAME, RULES

XQ = "urn:xingquan:bpmn:1"
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""NUL and halves of surrogate pairs: PostgreSQL takes neither into a text."""
KEY = re.compile(r"[a-z][a-z0-9_]{0,40}(/[a-z][a-z0-9_-]{0,40}){0,3}")
"""The key of a procedure: its folder below `bpmn/`."""
PATHS: Mapping[str, re.Pattern[str]] = {
    "forms": re.compile(r"forms/([a-z][a-z0-9_]{0,79})\.json"),
    "templates": re.compile(r"documents/([A-Z]{2}-\d{2})\.yaml"),
    "samples": re.compile(r"documents/([A-Z]{2}-\d{2})\.sample\.json"),
    "tables": re.compile(rf"tables/({NAME})\.dmn"),
    "runs": re.compile(rf"runs/({NAME})\.json"),
    "called": calls.PATH,
}
"""How the files of each part are called; the group is the name under which the bundle holds it."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that is published together. `digest` names exactly this content.

    Attributes:
        templates: template text of a document by its code, used instead of the release's own.
        samples: what the editor of a template shows it with, by code.
        tables: DMN text of a decision table by its name.
        runs: JSON text of a saved run by its name.
        called: BPMN text of a called process by its name, in the edition this procedure is published with.
        written: `rules.yaml` and `forms/<key>.json` as they were written, comments, order and all. They say
            nothing that `rules` and `forms` do not say, and are no part of the digest.
    """

    key: str
    external: bytes
    internal: bytes
    rules: Mapping[str, Any]
    forms: Mapping[str, Mapping[str, Any]]
    digest: str
    templates: Mapping[str, str] = field(default_factory=dict)
    samples: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    runs: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)
    called: Mapping[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> bytes:
        """The internal diagram with what it calls in its place: what runs and what is proven.

        Raises:
            Invalid: a diagram cannot be read, or there are too many calls.
        """
        return calls.linked(self.internal, self.called)


def safe_xml(content: bytes) -> etree._Element:
    """The root of an XML document of ours: UTF-8, no entities, no network, bounded size.

    Raises:
        Invalid: too large, not well-formed, in another encoding, or with a document type declaration.
    """
    return reader.parse(content)


def form_keys(diagram: bytes) -> list[str]:
    """The forms a diagram names, in document order, each once."""
    found = (
        node.get("form" if node.tag == f"{{{XQ}}}document" else f"{{{XQ}}}form")
        for node in safe_xml(diagram).iter()
    )
    return list(dict.fromkeys(key for key in found if key))


def extras(
    templates: Mapping[str, str],
    samples: Mapping[str, str],
    tables: Mapping[str, str],
    runs: Mapping[str, str],
    called: Mapping[str, str],
) -> dict[str, str]:
    """What a bundle holds beside diagrams, rules and forms, as files by path."""
    return (
        {f"documents/{code}.yaml": text for code, text in templates.items()}
        | {f"documents/{code}.sample.json": text for code, text in samples.items()}
        | {f"tables/{name}.dmn": text for name, text in tables.items()}
        | {f"runs/{name}.json": text for name, text in runs.items()}
        | {calls.path_of(name): text for name, text in called.items()}
    )


def digest(
    key: str,
    external: bytes,
    internal: bytes,
    rules: Mapping,
    forms: Mapping,
    more: Mapping[str, str] | None = None,
) -> str:
    """SHA-256 over the whole content, independent of key order in the JSON parts. `more` are the files of
    `extras`; without them it is what it was before bundles had any."""
    total = hashlib.sha256()
    parts = [key.encode(), external, internal]
    parts.append(json.dumps([rules, forms], ensure_ascii=False, sort_keys=True).encode())
    if more:
        parts.append(json.dumps(dict(more), ensure_ascii=False, sort_keys=True).encode())
    for part in parts:
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.hexdigest()


def named(bundle: Bundle) -> str:
    """The digest of what a bundle holds, whatever it says of itself."""
    more = extras(bundle.templates, bundle.samples, bundle.tables, bundle.runs, bundle.called)
    return digest(bundle.key, bundle.external, bundle.internal, bundle.rules, bundle.forms, more)


def for_trial(bundle: Bundle) -> Bundle:
    """The same procedure under a key that none has, without its saved runs: what a try puts on its stage."""
    key = f"trial/{bundle.key.replace('/', '_')}"[:80]
    own = replace(bundle, key=key, rules={**bundle.rules, "key": key}, runs={}, written={})
    return replace(own, digest=named(own))


def part_of(path: str) -> tuple[str, str]:
    """Which part of a bundle a path belongs to (`external`, `internal`, `rules` or a key of `PATHS`), and its
    name there.

    Raises:
        Invalid: no bundle holds such a file.
    """
    if path in (EXTERNAL, INTERNAL, RULES):
        return path.partition(".")[0], ""
    for part, pattern in PATHS.items():
        if found := pattern.fullmatch(path):
            return part, found[1]
    raise Invalid(f"流程中不能有文件“{path[:120]}”，不认识它的位置或者名称。", code="unknown_file")


def check_sizes(sizes: Iterable[tuple[str, int]]) -> None:
    """Refuse more files or bytes than a procedure can need.

    Raises:
        Invalid: names what is too large.
    """
    total = 0
    for number, (path, size) in enumerate(sizes, 1):
        total += size
        if number > MOST_PATHS:
            raise Invalid(f"流程的文件超过 {MOST_PATHS} 个。", code="too_large")
        if size > MOST_BYTES:
            raise Invalid(f"“{path[:120]}”超过 {MOST_BYTES // 1024} KB，请精简。", code="too_large")
        if total > MOST_TOTAL:
            raise Invalid(f"流程的全部文件超过 {MOST_TOTAL // 1_000_000} MB，请精简。", code="too_large")


def from_tree(tree: Mapping[str, str], key: str | None = None) -> Bundle:
    """The bundle of a tree of text files. `key`: of which procedure it must be; None: as its rule set says.

    Raises:
        Invalid: a file is missing, unknown, too large or cannot be read; the message names it.
    """
    check_sizes((path, len(text.encode(errors="surrogatepass"))) for path, text in tree.items())
    parts: dict[str, dict[str, str]] = {part: {} for part in ("external", "internal", "rules", *PATHS)}
    for path, text in sorted(tree.items()):
        part, name = part_of(path)
        parts[part][name] = _storable(text, path)
    for path in (EXTERNAL, INTERNAL, RULES):
        if path not in tree:
            raise Invalid(f"流程缺少文件“{path}”。", code="missing_file")
    rules = texts.read_yaml(tree[RULES], RULES)
    if (
        not isinstance(rules, Mapping)
        or not isinstance(rules.get("key"), str)
        or not KEY.fullmatch(rules["key"])
    ):
        raise Invalid("规则文件没有写明流程代码（key），应当像 penalty/ordinary。")
    if key is not None and rules["key"] != key:
        raise Invalid(f"规则文件写的流程代码是“{rules['key'][:80]}”，应当是“{key}”。")
    forms = {}
    for name, text in parts["forms"].items():
        forms[name] = texts.read_json(text, f"forms/{name}.json")
        if not isinstance(forms[name], Mapping):
            raise Invalid(f"“forms/{name}.json”应当是一个对象。")
    for name, text in parts["runs"].items():
        texts.read_json(text, f"runs/{name}.json")
    for code, text in parts["templates"].items():
        texts.read_yaml(text, f"documents/{code}.yaml")
    for code, text in parts["samples"].items():
        texts.read_json(text, f"documents/{code}.sample.json")
    external, internal = tree[EXTERNAL].encode(), tree[INTERNAL].encode()
    called = _called(internal, parts["called"])
    more = extras(parts["templates"], parts["samples"], parts["tables"], parts["runs"], called)
    try:
        name = digest(rules["key"], external, internal, rules, forms, more)
    except (TypeError, ValueError) as error:
        raise Invalid("规则文件只能含文字、数字、真假值及其列表和对象；日期请加引号。") from error
    written = {RULES: tree[RULES]} | {f"forms/{form}.json": text for form, text in parts["forms"].items()}
    return Bundle(
        key=rules["key"],
        external=external,
        internal=internal,
        rules=rules,
        forms=forms,
        digest=name,
        templates=parts["templates"],
        samples=parts["samples"],
        tables=parts["tables"],
        runs=parts["runs"],
        written=written,
        called=called,
    )


def _called(internal: bytes, given: Mapping[str, str]) -> Mapping[str, str]:
    """What the diagram calls; what nothing calls any more is no part of the procedure. Where the diagram cannot be
    read, everything: the publication gate tells what is wrong with it."""
    try:
        return calls.reached(internal, given) if given else {}
    except Invalid:
        return given


def _storable(text: str, path: str) -> str:
    """The text, if a database can hold it as it is."""
    if UNSTORABLE.search(text):
        raise Invalid(f"“{path[:120]}”含有不能保存的字符，请用 UTF-8 重新保存。", code="encoding")
    return text


def to_tree(bundle: Bundle) -> dict[str, str]:
    """The bundle as a tree of text files: what `from_tree` reads back to the same content."""
    tree = {
        EXTERNAL: bundle.external.decode(),
        INTERNAL: bundle.internal.decode(),
        RULES: bundle.written.get(RULES) or texts.rules_text(bundle.rules),
    }
    for name, form in bundle.forms.items():
        path = f"forms/{name}.json"
        tree[path] = bundle.written.get(path) or texts.form_text(form)
    return tree | extras(bundle.templates, bundle.samples, bundle.tables, bundle.runs, bundle.called)


def retitled(text: str, rules: Mapping[str, Any]) -> str:
    """The text of a rule set under the key and the name of `rules`, everything else as it was written."""
    for name in ("key", "name"):
        line = texts.rules_text({name: rules.get(name)}).rstrip("\n")
        text = re.sub(rf"(?m)^{name}:[^\n]*", lambda _, line=line: line, text, count=1)
    return text


def agreeing(written: Mapping[str, str], rules: Mapping, forms: Mapping) -> dict[str, str]:
    """Of the texts as written those that say just what the rule set and the forms say: a text is shown to
    analysts, the values are what is sealed and what runs."""
    found = {}
    for path, text in written.items():
        try:
            if path == RULES:
                same = texts.read_yaml(text, path) == rules
            else:
                same = texts.read_json(text, path) == forms.get(part_of(path)[1])
        except Invalid:
            same = False
        if same:
            found[path] = text
    return found


def from_folder(key: str, root: Path = ROOT) -> Bundle:
    """The bundle of `bpmn/<key>` as it lies on disk. Its forms stand in `forms/`, what it calls in `bpmn/shared`, beside
    the folder's own `documents/`, `tables/` and `runs/`, if it has them.

    Raises:
        Invalid: a file is missing or unreadable; the message names it.
    """
    folder = root / "bpmn" / key
    try:
        tree = {path: _read(folder / path) for path in (EXTERNAL, INTERNAL, RULES)}
        called = calls.reached(tree[INTERNAL], calls.of_release(root))
        tree |= {calls.path_of(name): text for name, text in called.items()}
        for form in form_keys(calls.linked(tree[INTERNAL].encode(), called)):
            path = f"forms/{form}.json"
            tree[path] = _read(root / path)
        for part in ("documents", "tables", "runs"):
            for file in sorted((folder / part).glob("*")):
                tree[f"{part}/{file.name}"] = _read(file)
    except FileNotFoundError as error:
        raise Invalid(f"流程“{key}”缺少文件：{Path(str(error.filename)).relative_to(root)}。") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"流程“{key}”的文件不是 UTF-8 编码。") from error
    try:
        return from_tree(tree, key)
    except Invalid as error:
        raise Invalid(f"流程“{key}”的规则或表单文件格式不对：{error.message}") from error


def on_disk(root: Path = ROOT) -> list[str]:
    """The keys of the procedures below `bpmn/`, in order; what they share is none of its own."""
    folder = root / "bpmn"
    keys = (path.parent.relative_to(folder).as_posix() for path in folder.rglob("internal.bpmn"))
    return sorted(key for key in keys if key.partition("/")[0] != calls.FOLDER)


def _read(path: Path) -> str:
    """The file's text, line ends and all."""
    return path.read_bytes().decode()
