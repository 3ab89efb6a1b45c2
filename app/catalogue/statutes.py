"""Statutes as files: a whole one as Markdown or DOCX, or articles of several as JSON. Tolerant of how they are set; what
looks wrong is told with its line. Nothing here knows the database."""

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app.kernel.containers import safe_container
from app.kernel.errors import Invalid

from . import citations

MOST_BYTES = 8 * 1024 * 1024
_LINE = re.compile(rf"^[\s　*#]*({citations.ARTICLE})[*]*(?:[\s　]+(.*))?$")
_TITLE = re.compile(r"^#\s+(.+?)\s*$")
_HEADING = re.compile(r"^(#|<!--|[\s　]*第[〇零一二三四五六七八九十百]+[编章节](\s|　|$))")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})|(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_ADOPTED = re.compile(r"通过|修订|修正|修改|公布|发布")
_EFFECT = re.compile(r"自((?:\d{4})年\d{1,2}月\d{1,2}日)起(?:施行|实施|生效)")
_DOC_NO = re.compile(
    r"(?:国务院令|主席令|令)?第?〔?\d*〕?第[0-9一二三四五六七八九十百千]+号|[\u4e00-\u9fff]{2,12}令第[0-9]+号"
)


@dataclass(frozen=True, slots=True)
class Article:
    """An article of a statute as it reads: `article` is its number (`54`, `36-1`); `version`: when this text was
    adopted."""

    law: str
    article: str
    text: str
    version: date | None
    source: str

    @property
    def name(self) -> str:
        """第五十四条."""
        return citations.article_name(self.article)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that a person should look at; with a fatal one nothing of the statute is taken in."""

    place: str
    message: str
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Statute:
    """One version of a statute as a file has it. `stated_on`: the day from which it says that it is in force."""

    law: str
    level: str
    doc_no: str
    adopted_on: date | None
    stated_on: date | None
    source: str
    articles: tuple[Article, ...]
    problems: tuple[Problem, ...] = ()
    whole: bool = False
    """Whether all articles are there, not only some."""

    @property
    def usable(self) -> bool:
        """Whether it may be taken in."""
        return not any(problem.fatal for problem in self.problems)


def read(file: Path, source: str = "") -> list[Statute]:
    """The statutes of a file: JSON with a list `articles` (`law`, `article`, `full_article` or `text`, `version_date`,
    `effective`, `level`, `doc_no`, `source`), or a whole statute as Markdown (`# name`, then `第一条　…`) or DOCX.

    Raises:
        Invalid: it is none of them, or too large.
    """
    if file.stat().st_size > MOST_BYTES:
        raise Invalid(f"文件超过 {MOST_BYTES // 1024 // 1024} MB，不像是法律条文。")
    content = file.read_bytes()
    if file.suffix.lower() == ".docx":
        found = [_of_lines(_paragraphs(content), file, source)]
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Invalid("文件不是 UTF-8 文字。请另存为 UTF-8 编码后重新载入。") from None
        if file.suffix.lower() == ".json":
            found = _of_json(text, source)
        else:
            found = [_of_lines(text.splitlines(), file, source)]
    if not any(statute.articles for statute in found):
        raise Invalid("文件中没有读到条文（“第…条”开头的段落，或者 JSON 的 articles 列表）。")
    return found


def _paragraphs(content: bytes) -> list[str]:
    safe_container(content, "word/document.xml")
    import docx

    try:
        document = docx.Document(io.BytesIO(content))
    except (ValueError, KeyError, zipfile.BadZipFile, SyntaxError) as wrong:
        raise Invalid("文件不是可以读取的 DOCX。请用文字处理软件另存为 DOCX 后重新载入。") from wrong
    lines = [line for each in document.paragraphs for line in each.text.split("\n")]
    title = next((n for n, line in enumerate(lines) if line.strip()), None)
    if title is not None and not lines[title].startswith("#"):
        lines[title] = f"# {lines[title].strip()}"
    return lines


def _of_json(content: str, source: str) -> list[Statute]:
    try:
        raw: Any = json.loads(content)
        entries = raw["articles"] if isinstance(raw, dict) else raw
        listed = list(entries)
    except (ValueError, KeyError, TypeError) as wrong:
        raise Invalid(f"条文文件的写法不对：{wrong}。") from wrong
    groups: dict[tuple[str, str], list[tuple[int, Any]]] = {}
    problems: list[Problem] = []
    for place, entry in enumerate(listed, 1):
        if wrong := _wrong(entry):
            problems.append(Problem(f"第 {place} 项", wrong, fatal=True))
            continue
        key = (citations.same_law(str(entry["law"])), str(entry.get("version_date") or ""))
        groups.setdefault(key, []).append((place, entry))
    found = [_version(entries, source) for entries in groups.values()]
    if problems and not found:
        raise Invalid("条文文件的写法不对：", errors={"file": [f"{p.place}：{p.message}" for p in problems]})
    if problems:
        found.append(Statute("（写法不对的条目）", "", "", None, None, source, (), tuple(problems)))
    return found


def _wrong(entry: Any) -> str:
    """What makes an entry of a JSON list unusable; empty: nothing."""
    if not isinstance(entry, dict):
        return "不是“名称: 值”的条目。"
    lacking = [name for name in ("law", "article") if not str(entry.get(name) or "").strip()]
    if lacking:
        return f"缺少 {'、'.join(lacking)}。"
    if not str(entry.get("full_article") or entry.get("text") or "").strip():
        return "缺少条文（full_article 或者 text）。"
    if not citations.articles_in(str(entry["article"])):
        return f"条号“{entry['article']}”写法不对，应为“第…条”。"
    for name in ("version_date", "effective"):
        try:
            _iso(entry.get(name))
        except ValueError:
            return f"{name} 的日期“{entry[name]}”写法不对，应为 2026-08-15。"
    return ""


def _version(entries: Sequence[tuple[int, Any]], source: str) -> Statute:
    first = entries[0][1]
    adopted = _iso(first.get("version_date"))
    articles: dict[str, Article] = {}
    problems = []
    for place, entry in entries:
        number = citations.articles_in(str(entry["article"]))[0]
        text = str(entry.get("full_article") or entry["text"]).strip()
        if number in articles and articles[number].text != text:
            told = f"{citations.article_name(number)}与前面的同一条不一致，以前面的为准。"
            problems.append(Problem(f"第 {place} 项", told))
            continue
        said = source or str(entry.get("source") or "")
        articles.setdefault(number, Article(str(entry["law"]), number, text, adopted, said))
    return Statute(
        str(first["law"]), str(first.get("level") or ""), str(first.get("doc_no") or ""), adopted,
        _iso(first.get("effective")), source or str(first.get("source") or ""), tuple(articles.values()), tuple(problems),
    )  # fmt: skip


def _iso(value: Any) -> date | None:
    return date.fromisoformat(str(value)) if value else None


def _of_lines(lines: Iterable[str], file: Path, source: str) -> Statute:
    law, head = "", list[str]()
    parts: list[tuple[str, int, list[str]]] = []
    for place, line in enumerate(lines, 1):
        if not law and (title := _TITLE.match(line)):
            law = title[1].strip("《》 ")
        elif found := _LINE.match(line):
            parts.append((citations.articles_in(found[1])[0], place, [found[4] or ""]))
        elif not parts:
            head.append(line)
        elif not _HEADING.match(line):
            parts[-1][2].append(line.strip("　 *"))
    adopted = _day(file.name) or max(_adopted(head), default=None)
    told = [(number, place, "\n".join(filter(None, text)).strip()) for number, place, text in parts]
    articles = {n: Article(law, n, text, adopted, source or file.name) for n, _, text in reversed(told)}
    problems = list(_problems(law, told))
    whole = "\n".join([*head, told[-1][2] if told else ""])
    stated = _EFFECT.search(whole)
    number = next((found[0] for found in map(_DOC_NO.search, head) if found), "")
    ordered = tuple(dict.fromkeys(articles[n] for n, _, _ in told))
    return Statute(
        law, "", number, adopted, _day(stated[1]) if stated else None, source or file.name, ordered, tuple(problems), True
    )  # fmt: skip


def _problems(law: str, told: Sequence[tuple[str, int, str]]) -> Iterator[Problem]:
    if told and not law:
        yield Problem("文件开头", "没有写法律名称。请在第一行写“# 名称”。", fatal=True)
    seen: set[str] = set()
    before = 0
    for number, place, text in told:
        name = citations.article_name(number)
        if number in seen:
            yield Problem(f"第 {place} 行", f"{name}重复。请删去多余的一处。", fatal=True)
        if not text:
            yield Problem(f"第 {place} 行", f"{name}没有内容。", fatal=True)
        main = int(number.partition("-")[0])
        if number not in seen and main > before + 1:
            gap = citations.article_name(str(before + 1))
            last = f"至{citations.article_name(str(main - 1))}" if main > before + 2 else ""
            yield Problem(f"第 {place} 行", f"{name}之前缺少{gap}{last}。")
        elif main < before:
            yield Problem(f"第 {place} 行", f"{name}的次序不对。")
        seen.add(number)
        before = max(before, main)


def _adopted(head: Sequence[str]) -> Iterator[date]:
    """The days in the head of a text on which it was passed, revised or published, each with the words up to the next."""
    for line in head:
        found = list(_DATE.finditer(line))
        for at, each in enumerate(found):
            after = line[each.end() : found[at + 1].start() if at + 1 < len(found) else None]
            told = each[1] or (_ADOPTED.search(after) and not after.startswith("起"))
            if told and (day := _day(each[0])):
                yield day


def _day(text: str) -> date | None:
    found = _DATE.search(text)
    if not found:
        return None
    year, month, day = (int(part) for part in found.groups() if part)
    try:
        return date(year, month, day)
    except ValueError:
        return None
