"""A filled document as an editable DOCX with the same words and nearly the same look. Same document, same
bytes.

Column widths are written twice, in the grid and in the cells: LibreOffice reads one, Word the other.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from docx import Document as new_document
from docx.document import Document as DocxDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from .phrases import cn_num

FANG, XBS, HEI, SONG = "仿宋_GB2312", "方正小标宋简体", "黑体", "宋体"
RED = "D7000F"
# house -> top, left, right, bottom margin (mm), text size, line pitch, title size (pt)
_HOUSES = {
    "official": ((37, 28, 26, 35), 16.0, 28.95, 22.0),
    "form": ((24, 26, 22, 26), 12.0, 19.0, 20.0),
    "record": ((28, 28, 24, 32), 14.0, 25.0, 20.0),
}
_ALIGNS = {"left": ALIGN.JUSTIFY, "center": ALIGN.CENTER, "right": ALIGN.RIGHT}
_BLANK = "　" * 6


class _Writer:
    def __init__(self, meta: Mapping[str, Any]):
        self.meta = meta
        (top, left, right, bottom), self.size, self.pitch, self.title_size = _HOUSES[meta["house"]]
        self.width = 210 - left - right
        self.out: DocxDocument = new_document()
        section = self.out.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.left_margin = Mm(top), Mm(left)
        section.right_margin, section.bottom_margin = Mm(right), Mm(bottom)
        section.footer_distance = Mm(max(bottom - 18, 10))
        normal = self.out.styles["Normal"]
        normal.font.size = Pt(self.size)
        _fonts(normal.element.get_or_add_rPr(), FANG)
        self._properties()
        self._footer()

    def _properties(self) -> None:
        about, moment = self.out.core_properties, datetime.fromisoformat(self.meta["issued_at"])
        about.title, about.author = self.meta["title"], self.meta["agency"]
        about.last_modified_by, about.language = self.meta["agency"], "zh-CN"
        about.keywords, about.comments = " ".join(self.meta["keywords"]), ""
        about.created = about.modified = moment.astimezone(UTC).replace(tzinfo=None)
        about.revision = 1

    def _footer(self) -> None:
        footer = self.out.sections[0].footer
        if roles := self.meta["page_signatures"]:
            self.write(
                footer.paragraphs[0], "　".join(f"{role}（签名）：{_BLANK}" for role in roles), size=10.5
            )
            line = footer.add_paragraph()
        else:
            line = footer.paragraphs[0]
        line.alignment = ALIGN.CENTER
        self.write(line, "第 ", SONG, 10.5)
        self._field(line, "PAGE")
        self.write(line, " 页　共 ", SONG, 10.5)
        self._field(line, "NUMPAGES")
        self.write(line, " 页", SONG, 10.5)
        code = f"文书标识码 {self.meta['ident_code']}　" if self.meta["ident_code"] else ""
        self.write(footer.add_paragraph(), f"{code}可编辑副本，不作为送达文书", HEI, 7.5)

    def _field(self, line: Paragraph, instruction: str) -> None:
        for step in ("begin", "instruction", "separate", "text", "end"):
            run = line.add_run("1" if step == "text" else "")
            _fonts(run._element.get_or_add_rPr(), SONG)
            run.font.size = Pt(10.5)
            if step == "instruction":
                element = OxmlElement("w:instrText")
                element.set(qn("xml:space"), "preserve")
                element.text = f" {instruction} "
                run._r.append(element)
            elif step != "text":
                element = OxmlElement("w:fldChar")
                element.set(qn("w:fldCharType"), step)
                run._r.append(element)

    def write(
        self,
        line: Paragraph,
        text: str,
        font: str = FANG,
        size: float = 0,
        colour: str = "",
        bold: bool = False,
    ) -> None:
        """Add text to a paragraph; newlines become line breaks."""
        run = line.add_run(text)
        _fonts(run._element.get_or_add_rPr(), font)
        run.font.size, run.font.bold = Pt(size or self.size), bold
        if colour:
            run.font.color.rgb = RGBColor.from_string(colour)

    def line(
        self,
        text: str,
        *,
        font: str = FANG,
        size: float = 0,
        align: Any = ALIGN.JUSTIFY,
        indent: bool = False,
        colour: str = "",
        bold: bool = False,
        pitch: float | None = None,
        before: float = 0,
        after: float = 0,
        keep: bool = False,
    ) -> Paragraph:
        """A new paragraph of the body."""
        paragraph = self.out.add_paragraph()
        form = paragraph.paragraph_format
        form.space_before, form.space_after = Pt(before), Pt(after)
        form.widow_control, form.keep_with_next = False, keep
        if pitch != 0:
            form.line_spacing = Pt(pitch or self.pitch)
        paragraph.alignment = align
        if indent:
            indentation = paragraph._p.get_or_add_pPr().get_or_add_ind()
            indentation.set(qn("w:firstLineChars"), "200")
            indentation.set(qn("w:firstLine"), str(int((size or self.size) * 40)))
        self.write(paragraph, text, font, size, colour, bold)
        return paragraph

    def grid(self, widths: Sequence[float], rows: int) -> tuple[Table, list[Any]]:
        """A ruled table with fixed widths over the whole type area; returns the widths in mm too."""
        table = self.out.add_table(rows=rows, cols=len(widths))
        table.style, table.autofit = "Table Grid", False
        scaled = [Mm(self.width * w / sum(widths)) for w in widths]
        for column, width in zip(table.columns, scaled, strict=True):
            column.width = width
        return table, scaled

    def cell(
        self,
        cell: _Cell,
        text: str,
        font: str = FANG,
        align: Any = ALIGN.LEFT,
        size: float = 12,
        fresh: bool = True,
    ) -> None:
        """Text into a table cell; `fresh` uses its first paragraph."""
        paragraph = cell.paragraphs[0] if fresh else cell.add_paragraph()
        paragraph.alignment = align
        paragraph.paragraph_format.line_spacing = Pt(18)
        paragraph.paragraph_format.space_after = Pt(0)
        self.write(paragraph, text, font, size)

    # one method for each kind of block

    def redhead(self, b: Mapping[str, Any]) -> None:
        count = len(b["text"])
        size = 24 if count > 18 else 28 if count > 13 else 36
        self.line(b["text"], font=XBS, size=size, align=ALIGN.CENTER, colour=RED, bold=True, pitch=0, after=8)

    def title(self, b: Mapping[str, Any]) -> None:
        for text in b["lines"]:
            self.line(text, font=XBS, size=self.title_size, align=ALIGN.CENTER, bold=True, pitch=0, after=4)

    def number(self, b: Mapping[str, Any]) -> None:
        if not b["rule"]:
            self.line(b["text"], size=12, align=ALIGN.RIGHT, pitch=0, after=6)
            return
        paragraph = self.line(b["text"], align=ALIGN.CENTER, before=6, after=self.pitch / 2)
        bottom = f'<w:bottom w:val="single" w:sz="12" w:space="6" w:color="{RED}"/>'
        border = f"<w:pBdr {nsdecls('w')}>{bottom}</w:pBdr>"
        paragraph._p.get_or_add_pPr().insert_element_before(
            parse_xml(border), "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc"
        )

    def h(self, b: Mapping[str, Any]) -> None:
        self.line(b["text"], font=HEI, indent=True, keep=True)

    def p(self, b: Mapping[str, Any]) -> None:
        for text in b["lines"]:
            self.line(text, indent=b["indent"], align=_ALIGNS[b["align"]], keep=b.get("sticky", False))

    def kv(self, b: Mapping[str, Any]) -> None:
        for label, text in b["rows"]:
            self.line(f"{label}：{text}", align=ALIGN.LEFT, keep=b.get("sticky", False))

    def ol(self, b: Mapping[str, Any]) -> None:
        for number, text in enumerate(b["items"], 1):
            mark = f"（{cn_num(number)}）" if b["style"] == "cn" else f"{number}."
            self.line(mark + text, indent=True, keep=b.get("sticky", False))

    def table(self, b: Mapping[str, Any]) -> None:
        if b["caption"]:
            self.line(b["caption"], font=HEI, size=12, align=ALIGN.CENTER, keep=True)
        table, widths = self.grid(b["widths"], 1 + len(b["rows"]) + bool(b["empty"]))
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for row, texts in zip(table.rows, [b["head"], *b["rows"]], strict=False):
            head = row is table.rows[0] or texts is b["head"]
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for cell, text, width in zip(row.cells, texts, widths, strict=True):
                cell.width = width
                self.cell(cell, text, HEI if head else FANG, ALIGN.CENTER if head else ALIGN.LEFT)
        if b["empty"]:
            cells = table.rows[-1].cells
            self.cell(cells[0].merge(cells[-1]), b["empty"], align=ALIGN.CENTER)

    def form_table(self, b: Mapping[str, Any]) -> None:
        table, widths = self.grid(b["widths"], len(b["rows"]))
        taken: set[tuple[int, int]] = set()
        for r, row in enumerate(b["rows"]):
            if row["height"]:
                table.rows[r].height = Mm(row["height"])
            free = [c for c in range(len(widths)) if (r, c) not in taken]
            for cell in row["cells"]:
                columns, free = free[: cell["span"]], free[cell["span"] :]
                last_row = r + cell["rowspan"] - 1
                taken |= {(y, x) for y in range(r, last_row + 1) for x in columns}
                target = table.cell(r, columns[0])
                if cell["span"] > 1 or cell["rowspan"] > 1:
                    target = target.merge(table.cell(last_row, columns[-1]))
                target.width = Mm(sum(widths[c].mm for c in columns))
                font = HEI if cell["label"] else FANG
                self.cell(target, cell["text"], font, _ALIGNS[cell["align"]] if cell["label"] else ALIGN.LEFT)
                for s in cell["sign"]:
                    text = f"签名：{s['name'] or _BLANK}　{s['date'] or '　　　年　　月　　日'}"
                    self.cell(target, text, align=ALIGN.RIGHT, fresh=False)

    def sign(self, b: Mapping[str, Any]) -> None:
        size = self.size

        def width(text: str) -> float:
            return sum(size if ord(c) > 255 else size / 2 for c in text)

        shift = (width(b["agency"]) - width(b["date"])) / 2
        edge = max(0.0, 4 * size - max(shift, 0.0))
        self.line("")
        self.line("")
        keep = b.get("sticky", False)
        for text, right in ((b["agency"], edge + max(-shift, 0)), (b["date"], edge + max(shift, 0))):
            paragraph = self.line(text, align=ALIGN.RIGHT, keep=keep or text == b["agency"])
            paragraph.paragraph_format.right_indent = Pt(right)
        self.line("", keep=keep)

    def signatures(self, b: Mapping[str, Any]) -> None:
        if b["statement"]:
            self.line(
                f"（请抄写：{b['statement']}）" if b["blank"] else b["statement"], before=self.pitch / 2
            )
        for item in b["lines"]:
            date = "　　　　年　　月　　日" if item["date"] else ""
            keep = b.get("sticky", False)
            text = f"{item['role']}（{item.get('mark', '签名')}）：{item['name']}{_BLANK}{date}"
            self.line(text, align=ALIGN.LEFT, before=6, keep=keep or bool(item["note"]))
            if item["note"]:
                self.line(item["note"], size=self.size * 0.85, indent=True, align=ALIGN.LEFT, keep=keep)

    def qa(self, b: Mapping[str, Any]) -> None:
        for item in b["items"]:
            self.line(f"问：{item['q']}", align=ALIGN.LEFT)
            self.line(f"答：{item['a']}", align=ALIGN.LEFT)

    def note(self, b: Mapping[str, Any]) -> None:
        for text in b["lines"]:
            self.line(text, size=min(self.size, 12) - (0 if self.meta["house"] == "official" else 2), pitch=0)


def _fonts(properties: Any, chinese: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for attribute, name in (
        ("w:eastAsia", chinese),
        ("w:ascii", "Times New Roman"),
        ("w:hAnsi", "Times New Roman"),
    ):
        fonts.set(qn(attribute), name)


def docx(data: Mapping[str, Any]) -> bytes:
    """The DOCX of a filled document."""
    writer = _Writer(data["meta"])
    for block in data["blocks"]:
        getattr(writer, block["t"])(block)
    first = io.BytesIO()
    writer.out.save(first)
    return _timeless(first.getvalue())


def _timeless(package: bytes) -> bytes:
    """The same ZIP without the hour it was written, so that equal documents are equal files."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return out.getvalue()
