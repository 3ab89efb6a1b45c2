#!/usr/bin/env python3
"""核验一份导出的案卷：python3 verify.py [案卷.zip 或其解压目录]

只用 Python 标准库（3.9 以上），不联网，不执行案卷中的任何内容，不写任何文件。
"""

import hashlib
import json
import re
import sys
import zipfile
from pathlib import Path

SAFE = re.compile(r"(?:[a-z0-9-]+/)?[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9]{1,8})?")
UNLISTED = {"manifest.json", "signature.json"}
SAID = ("change", "name", "kind", "procedure", "basis", "content", "elements", "trial", "to_agency_id")
STEPS = ("step.completed", "message.registered")
LIMIT = 2 * 1024**3


class Source:
    """案卷的来源：压缩包或目录。只按清单中的安全文件名读取。"""

    def __init__(self, path):
        self.zip = None if path.is_dir() else zipfile.ZipFile(path)
        self.root = path
        if self.zip:
            self.names = [i.filename for i in self.zip.infolist() if not i.is_dir()]
        else:
            files = (p for p in path.rglob("*") if p.is_file() or p.is_symlink())
            self.names = [p.relative_to(path).as_posix() for p in files]

    def open(self, name):
        if not SAFE.fullmatch(name) or self.names.count(name) != 1:
            raise KeyError(name)
        if self.zip:
            if self.zip.getinfo(name).file_size > LIMIT:
                raise ValueError(name)
            return self.zip.open(name)
        path = self.root / name
        if path.is_symlink() or path.resolve().parent != path.parent.resolve():
            raise KeyError(name)
        return path.open("rb")

    def read(self, name):
        with self.open(name) as stream:
            return stream.read(256 * 1024**2)

    def json(self, name):
        return json.loads(self.read(name))

    def digest(self, name):
        found, size = hashlib.sha256(), 0
        with self.open(name) as stream:
            for piece in iter(lambda: stream.read(1024 * 1024), b""):
                found.update(piece)
                size += len(piece)
        return found.hexdigest(), size


class Check:
    """逐项核验，记下不符之处。"""

    def __init__(self, source):
        self.source = source
        self.wrong = []
        self.done = []
        self.digests = {}

    def report(self, message):
        self.wrong.append(message)

    def run(self):
        try:
            manifest = self.source.json("manifest.json")
        except (KeyError, ValueError, OSError, zipfile.BadZipFile):
            self.report("没有可读的清单 manifest.json")
            return
        self.files(manifest["files"])
        try:
            lines, told = self.chain()
            entries = [json.loads(line) for line in lines]
            self.contents(entries)
            self.case(entries)
            self.item(entries)
            self.anchors(told)
        except (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError) as error:
            self.report(f"案卷缺少必要的内容或格式不对：{error!r}")

    def files(self, listed):
        for name in sorted(set(self.source.names) - set(listed) - UNLISTED):
            self.report(f"清单之外的文件：{name!r}")
        for name, facts in sorted(listed.items()):
            try:
                digest, size = self.source.digest(name)
            except (KeyError, ValueError, OSError, RuntimeError, zipfile.BadZipFile):
                self.report(f"清单列出的文件缺失、重复、损坏或文件名不安全：{name!r}")
                continue
            self.digests[name] = digest
            if (digest, size) != (facts["sha256"], facts["size"]):
                self.report(f"文件与清单的摘要不符：{name}")
        self.done.append(f"清单中的{len(listed)}个文件：摘要、大小、有无缺失和多余")

    def chain(self):
        told = self.source.json("record.json")
        lines = self.source.read("record.jsonl").split(b"\n")[:-1]
        case_id = told["case"]
        digest = hashlib.sha256(f"xingquan record of case {case_id}".encode()).digest()
        given = [bytes.fromhex(each["digest"]) for each in told["entries"]]
        if len(lines) != len(given):
            self.report(f"记录有{len(lines)}条，摘要却有{len(given)}个")
        for number, (line, recorded) in enumerate(zip(lines, given, strict=False), 1):
            entry = json.loads(line)
            if (entry.get("case"), entry.get("seq")) != (case_id, number):
                self.report(
                    f"第{number}条记录不在其位（记录自称第{entry.get('seq')}条）：有记录被删去、插入或调换"
                )
            if hashlib.sha256(digest + line).digest() != recorded:
                self.report(f"第{number}条记录与摘要不符，或与前一条不衔接：内容被改动，或有记录被插入、调换")
            digest = recorded
        head = told["head"]
        if (head["seq"], head["digest"]) != (len(given), given[-1].hex() if given else ""):
            self.report(f"办件登记的末条是第{head['seq']}条，与记录不符：记录被截断、插入或改动")
        self.done.append(f"{len(lines)}条办理记录：逐条摘要和前后衔接")
        return lines, told

    def contents(self, entries):
        submitted, waiting = {}, {}
        for e in entries:
            if e["kind"] == "step.handed_in":
                waiting[e["content"]["node"]] = e["content"]["data"]
            elif e["kind"] in STEPS:
                data = e["content"].get("data") or waiting.get(e["content"]["node"])
                submitted[f"submissions/{e['content'].get('work')}.json"] = e, data
        documents = {f"documents/{d['id']}.json": (e, d) for e in entries for d in e.get("documents", ())}
        for name, (entry, data) in sorted(submitted.items()):
            if self.digests.get(name) != data:
                self.report(f"提交的内容 {name} 与第{entry['seq']}条记录不符")
        for name, (entry, told) in sorted(documents.items()):
            if self.digests.get(name) != told["digest"]:
                self.report(
                    f"文书 {name}（{told['number'] or told['code']}）的内容与第{entry['seq']}条记录不符"
                )
        expected = set(submitted) | set(documents)
        for name in sorted(self.digests):
            if (
                name.startswith(("submissions/", "documents/"))
                and name.endswith(".json")
                and name not in expected
            ):
                self.report(f"没有记录的内容：{name}")
        present = set(self.digests.values())
        brought = {digest: e["seq"] for e in entries for digest in e.get("files", ())}
        for digest, seq in brought.items():
            if digest not in present:
                self.report(f"第{seq}条记录的文件 {digest[:16]}… 不在案卷中或被改动")
        for name, digest in sorted(self.digests.items()):
            if (name.startswith("files/") or name.endswith(".pdf")) and digest not in brought:
                self.report(f"没有记录的文件：{name}")
        self.done.append(
            f"{len(submitted)}次提交、{len(documents)}份文书、{len(brought)}个文件（含文书PDF）：与记录中的摘要比对"
        )

    def case(self, entries):
        case = self.source.json("case.json")
        if entries and entries[0]["content"].get("no", case["no"]) != case["no"]:
            self.report("办件编号与立案时的记录不符")
        attributes = {}
        for entry in entries:
            attributes.update(entry.get("content", {}).get("set", {}))
        if any(case["attributes"].get(name) != value for name, value in attributes.items()):
            self.report("办件的要素与记录不符")
        finished = any(e.get("content", {}).get("finished") for e in entries)
        if finished != (case["status"] == "closed"):
            self.report("办件是否办结与记录不符")
        steps = {e["content"].get("work"): e for e in entries if e["kind"] in STEPS}
        back = [e for e in entries if e["kind"] in ("work.return", "work.withdraw", "work.reroute")]
        void = {work for e in back for work in e.get("content", {}).get("void", [])}
        for one in case["submissions"]:
            entry = steps.get(one["work"])
            signed = entry and [entry["actor"]["id"], *entry["content"].get("with", [])]
            if not entry or (signed, entry["at"]) != (one["by"], one["at"]):
                self.report(f"“{one['name']}”的办理人或时间与记录不符")
            if (one["work"] in void) != ("void_at" in one):
                self.report(f"“{one['name']}”是否作废与记录不符")
        became = {paper["id"]: "void" for e in back for paper in e.get("content", {}).get("papers", ())}
        for entry in entries:
            if entry["kind"] == "document.changed":
                became[entry["content"]["paper"]] = entry["content"]["becomes"]
        for one in case["documents"]:
            if one["status"] != became.get(one["id"], "issued"):
                self.report(f"《{one['title']}》是否作废、更正或者被替代与记录不符")
        numbers = {d["id"]: d["number"] for e in entries for d in e.get("documents", ())}
        for one in case["documents"]:
            if numbers.get(one["id"], "") != one["number"]:
                self.report(f"《{one['title']}》的文号与记录不符：{one['number']}")
        self.done.append("办件的编号、要素、状态、办理人、时间和文号：与记录比对")

    def item(self, entries):
        item = self.source.json("item.json")
        opened = entries[0]["content"].get("item_version") if entries else None
        if not item.get("digest"):
            if opened:
                self.report("办件所依据的事项版本不在案卷中")
            return
        told = [item["says"][name] for name in SAID]
        text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if hashlib.sha256(text.encode()).hexdigest() != item["digest"]:
            self.report("事项版本 item.json 的内容与其摘要不符")
        if opened and opened != item["digest"]:
            self.report("事项版本 item.json 与立案时的记录不符")
        if self.source.json("case.json")["item"]["name"] != item["says"]["name"]:
            self.report("办件的事项名称与事项版本 item.json 不符")
        self.done.append(
            f"事项“{item['says']['name']}”第{item['number']}版：内容的摘要"
            + ("，与立案时的记录比对" if opened else "（立案时的记录没有载明版本，不能比对）")
        )

    def anchors(self, told):
        digests = {each["seq"]: each["digest"] for each in told["entries"]}
        self.covered, self.roots = 0, []
        for anchor in self.source.json("anchors.json"):
            says, leaf = json.loads(anchor["line"]), anchor["leaf"]
            name = f"第{says['anchor']}号锚定（{says['day']}）"
            if leaf["case"] != told["case"] or digests.get(leaf["seq"]) != leaf["digest"]:
                self.report(f"{name}时第{leaf['seq']}条记录的摘要与现有记录不符：记录在锚定之后被改写或截断")
            packed = leaf["case"].to_bytes(8, "big") + leaf["seq"].to_bytes(4, "big")
            found = hashlib.sha256(b"\0" + packed + bytes.fromhex(leaf["digest"])).digest()
            for side, sibling in anchor["proof"]:
                other = bytes.fromhex(sibling)
                found = hashlib.sha256(b"\1" + (other + found if side == "left" else found + other)).digest()
            if found.hex() != says["root"]:
                self.report(f"{name}的根摘要不包含这份记录")
            self.covered = max(self.covered, leaf["seq"])
            self.roots.append(f"{name} {says['root']}")
        self.done.append(f"{len(self.roots)}个锚定：包含证明和根摘要，覆盖到第{self.covered}条记录")


def main():
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    try:
        check = Check(Source(path))
    except (OSError, zipfile.BadZipFile) as error:
        print(f"无法打开 {path}：{error}")
        return 2
    check.run()
    print("已核验：")
    for line in check.done:
        print(f"  ✓ {line}")
    print("不能离线核验：")
    print("  · 锚定确由平台作出：请将下列根摘要与平台（script/xq audit verify）或机关留存、公布的锚定核对")
    for line in getattr(check, "roots", []):
        print(f"      {line}")
    print("  · 最后一个锚定之后的记录是否完整；清单的签名 signature.json（script/xq case check 可核验）")
    print("  · 记录的内容是否属实；提交文件是否真实；办案人员是否本人操作")
    for line in check.wrong:
        print(f"✗ {line}")
    print(f"发现{len(check.wrong)}处不符。" if check.wrong else "全部相符。")
    return 1 if check.wrong else 0


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main())
