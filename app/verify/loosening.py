"""Where a rule set is looser than the one it follows: a new version than the version in force, a variant than its origin.

Both are whole rule sets as written, decision tables compiled in. Thresholds, clocks, periods, officers, rounds,
suspensions, the gates and what decides when they apply may only get tighter (`tightening` says in which direction).
A change that cannot be decided counts as looser: whoever makes it says on what legal basis (`excused`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .implication import Conditions
from .rules import SCOPES, terms
from .tightening import CLOSED, GATES

WORDS = frozenset({"article", "message", "basis", "source", "unsure", "label", "reason_hint", "tiers"})
"""What an entry says and does not decide. `tiers` are the discretion baseline, kept by decision tables."""
MORE = frozenset({"before", "needs", "steps", "excludes", "over", "attributes"})
"""Lists of an entry that may grow."""
FEWER = frozenset({"ended_by"})
"""Lists of an entry that may shrink: by what the party's time ends early."""
CLOCK_KEYS = ("side", "starts", "starts_when", "stops", "stops_when", "dates", "lengthened")
FIELDS = ("path", "basis", "document")
"""What an entry of `loosened` says: what is loosened, the article that allows it, the document that published it."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rule set to compare. `officers` is how many sign each legal step, by the diagram."""

    rules: Mapping[str, Any]
    officers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Loosening:
    """One place where the new rule set is looser. `message` says from what to what."""

    path: str
    message: str


def loosened(old: RuleSet, new: RuleSet) -> list[Loosening]:
    """Every place where `new` is looser than `old`, in the order of a rule set."""
    conditions = Conditions(old.rules, new.rules)
    found = [
        *_scope(old.rules, new.rules),
        *_params(old.rules, new.rules),
        *_thresholds(old.rules, new.rules, conditions),
        *_derived(old.rules, new.rules, conditions),
        *_kept(old.rules, new.rules),
        *_clocks(old.rules, new.rules),
        *_suspensions(old.rules, new.rules),
        *_officers(old, new),
        *_rounds(old.rules, new.rules),
        *_entries(old.rules, new.rules, "periods", "给当事人的期限", conditions),
    ]
    for kind, word in GATES.items():
        found += _entries(old.rules, new.rules, kind, word, conditions)
    return found


def excused(new: Mapping[str, Any], *formers: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    """The legal bases the new rule set names for what it loosens, by path. An entry that a former version had already
    speaks of what that version loosened, not of this one."""
    known = [entry for former in formers for entry in former.get("loosened") or ()]
    found: dict[str, Mapping[str, str]] = {}
    for entry in new.get("loosened") or ():
        if not isinstance(entry, Mapping) or entry in known:
            continue
        said = {name: str(entry.get(name) or "").strip() for name in FIELDS}
        if all(said.values()):
            found[said["path"]] = said
    return found


def advice(path: str) -> str:
    """What to do about a loosening."""
    return f"请改回；确因法律、法规、规章修改而放宽的，在规则的“放宽依据”（loosened）中就 {path} 写明法律依据和公布的文件。"


# ---------------------------------------------------------------- what is compared


def _entries_of(rules: Mapping[str, Any], kind: str) -> list[Any]:
    found = rules.get(kind) or []
    return [found] if isinstance(found, str) else list(found)


def _scope(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Loosening]:
    """Rules of law that were asked of the old one and would not be asked of the new one."""
    before, after = old.get("kind"), new.get("kind")
    if before and before != after:
        yield Loosening("kind", f"“权力类型”由“{before}”改为“{after or '不写'}”。")
    if gone := _scopes(old) - _scopes(new):
        told = "、".join(SCOPES[scope] for scope in sorted(gone))
        yield Loosening("scope", f"不再适用{told}的法律规则。")


def _scopes(rules: Mapping[str, Any]) -> set[str]:
    own = str(rules.get("scope") or rules.get("key") or "").replace("/", ".")
    return {scope for scope in SCOPES if own == scope or own.startswith(f"{scope}.")}


def _params(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Loosening]:
    there = new.get("params") or {}
    for name, entry in (old.get("params") or {}).items():
        label, before, up = entry.get("label", name), entry.get("value"), entry.get("tighten") == "up"
        if name not in there:
            yield Loosening(f"params.{name}", f"去掉了标准“{label}”（{before}）。")
            continue
        after = there[name].get("value")
        if (there[name].get("tighten") == "up") != up:
            yield Loosening(f"params.{name}", f"标准“{label}”改变了收紧的方向。")
        elif not _number(after) or not _number(before):
            if after != before:
                yield Loosening(f"params.{name}", f"标准“{label}”由{before}改为{after}。")
        elif after < before if up else after > before:
            yield Loosening(f"params.{name}", f"标准“{label}”由{before}放宽为{after}。")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _thresholds(
    old: Mapping[str, Any], new: Mapping[str, Any], conditions: Conditions
) -> Iterator[Loosening]:
    """What an agency may demand of more cases than the law does: the switches and amounts that are its own to set."""
    for name, entry in (old.get("attributes") or {}).items():
        now = (new.get("attributes") or {}).get(name) or {}
        if (setting := entry.get("setting")) and now.get("setting") != setting:
            label = entry.get("label", name)
            yield Loosening(f"attributes.{name}.setting", f"“{label}”不再由本机关设置。")
    there = [entry for entry in new.get("thresholds") or () if isinstance(entry, Mapping)]
    for number, entry in enumerate(old.get("thresholds") or (), 1):
        alike = [one for one in there if all(one.get(k) == entry.get(k) for k in ("attribute", "number"))]
        wide = [one for one in alike if _kept_at("when", entry.get("where"), one.get("where"), conditions)]
        path, label = f"thresholds.{number}", entry.get("label", entry.get("attribute"))
        if not alike:
            yield Loosening(path, f"本机关不能再设定标准“{label}”。")
        elif not wide:
            yield Loosening(path, f"本机关标准“{label}”适用的情形减少。")
        elif not any(_no_higher(old, entry.get("most"), new, one.get("most")) for one in wide):
            now = _value(new, wide[0].get("most"))
            told = f"由{_value(old, entry.get('most'))}放宽为{now}"
            yield Loosening(path, f"本机关标准“{label}”不得达到的数额{told}。")


def _no_higher(old: Mapping[str, Any], before: Any, new: Mapping[str, Any], after: Any) -> bool:
    """Whether an agency must stay below at most what it had to before. A param that moved is told where it stands."""
    one, other = _value(old, before), _value(new, after)
    return before == after or (_number(one) and _number(other) and other <= one)


def _value(rules: Mapping[str, Any], param: Any) -> Any:
    return ((rules.get("params") or {}).get(param) or {}).get("value")


def _derived(old: Mapping[str, Any], new: Mapping[str, Any], conditions: Conditions) -> Iterator[Loosening]:
    """A derived attribute decides when a gate applies: it may hold more often, where a gate demands it less often."""
    demanded = {
        str(name)
        for kind in ("required_before", "reviews", "periods")
        for entry in _entries_of(old, kind)
        if isinstance(entry, Mapping)
        for key in ("needs", "passed", "ended_by")
        for name in _listed(entry.get(key))
    }
    triggers = _read([entry for kind in GATES for entry in _entries_of(old, kind)])
    told: set[str] = set()
    for name, entry in (old.get("derived") or {}).items():
        path, label = f"derived.{name}", entry.get("label", name)
        now = (new.get("derived") or {}).get(name)
        if now is None:
            told.add(name)
            yield Loosening(path, f"去掉了判断条件“{label}”。")
            continue
        follows = now.get("when") == entry.get("when") and told & conditions.read_by(name)
        if follows or conditions.same(name):  # what only follows from another one is told there
            continue
        one = {"field": name, "op": "eq", "value": True}
        rarer = name not in demanded and not conditions.implies(one, one)
        oftener = name in demanded and not conditions.implies(one, one, backwards=True)
        both = name in demanded and name in triggers and not conditions.implies(one, one)
        if rarer or oftener or both:
            told.add(name)
            yield Loosening(path, f"判断条件“{label}”改动以后，原来适用的一些情形不再适用。")


def _kept(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Loosening]:
    """Certificates, and what a new round makes void."""
    before, after = old.get("certified") or {}, new.get("certified") or {}
    if before.get("two_or_more", "enforcement") != after.get("two_or_more", "enforcement"):
        yield Loosening("certified.two_or_more", "改变了两人以上办理时须持的证件。")
    for step, kind in (before.get("steps") or {}).items():
        if (after.get("steps") or {}).get(step) != kind:
            yield Loosening(f"certified.steps.{step}", f"“{step}”须持的证件“{kind}”被去掉或者改动。")
    for section, word in (("voids", "重新办理时作废的环节"), ("sticky", "不得撤销的意见")):
        for step, names in (old.get(section) or {}).items():
            gone = set(_listed(names)) - set(_listed((new.get(section) or {}).get(step)))
            if gone:
                told = "、".join(sorted(map(str, gone)))
                yield Loosening(f"{section}.{step}", f"“{step}”{word}少了：{told}。")
    for step, values in (old.get("resets") or {}).items():
        now = (new.get("resets") or {}).get(step) or {}
        if kept := sorted(name for name, value in values.items() if now.get(name, object()) != value):
            yield Loosening(f"resets.{step}", f"“{step}”重新办理时不再清除：{'、'.join(kept)}。")


def _clocks(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Loosening]:
    there = {str(clock.get("id")): clock for clock in new.get("clocks") or ()}
    for clock in old.get("clocks") or ():
        name, path = clock.get("name", clock.get("id")), f"clocks.{clock.get('id')}"
        now = there.get(str(clock.get("id")))
        if now is None:
            yield Loosening(path, f"去掉了计时“{name}”（{clock.get('limit')}）。")
            continue
        if told := _longer_or_shorter(clock.get("limit"), now.get("limit"), clock.get("side") == "party"):
            yield Loosening(f"{path}.limit", f"“{name}”{told}。")
        for key in CLOCK_KEYS:
            if clock.get(key) != now.get(key):
                yield Loosening(f"{path}.{key}", f"“{name}”的起止（{key}）被改动。")
        yield from _extension(f"{path}.extension", str(name), clock.get("extension"), now.get("extension"))


def _longer_or_shorter(before: Any, after: Any, least: bool) -> str:
    """How a limit was loosened, in words; empty where it was not. `least`: the party's time, not the authority's."""
    one, other = terms.read(before), terms.read(after)
    if one is None or other is None:
        return "" if before == after else f"由{before}改为{after}"
    kept = terms.within(one, other) if least else terms.within(other, one)
    return "" if kept else f"由{one}{'缩短' if least else '放宽'}为{other}"


def _extension(path: str, name: str, before: Any, after: Any) -> Iterator[Loosening]:
    if not after:
        return
    if not before:
        yield Loosening(path, f"“{name}”增加了延长。")
        return
    if told := _longer_or_shorter(before.get("limit"), after.get("limit"), False):
        yield Loosening(f"{path}.limit", f"“{name}”的延长{told}。")
    if int(after.get("times", 1)) > int(before.get("times", 1)):
        yield Loosening(
            f"{path}.times", f"“{name}”的延长由{before.get('times', 1)}次增加到{after.get('times', 1)}次。"
        )
    if before.get("approver") != after.get("approver"):
        told = f"由“{before.get('approver')}”改为“{after.get('approver')}”"
        yield Loosening(f"{path}.approver", f"“{name}”延长的批准人{told}。")


def _suspensions(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Loosening]:
    known = [_plain(entry) for entry in old.get("suspensions") or ()]
    for entry in new.get("suspensions") or ():
        if _plain(entry) not in known:
            path = f"suspensions.{entry.get('clock')}.{entry.get('cause')}"
            yield Loosening(path, f"增加或者改动了不计入期限的情形“{entry.get('cause')}”。")


def _officers(old: RuleSet, new: RuleSet) -> Iterator[Loosening]:
    for step, number in old.officers.items():
        if new.officers.get(step, number) < number:
            yield Loosening(f"officers.{step}", f"“{step}”的办理人员由{number}名减为{new.officers[step]}名。")


def _rounds(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Loosening]:
    there = {entry.get("step"): entry.get("most") for entry in new.get("rounds") or ()}
    for entry in old.get("rounds") or ():
        step, most = entry.get("step"), entry.get("most")
        if step not in there:
            yield Loosening(f"rounds.{step}", f"不再限制“{step}”的次数（原来最多{most}次）。")
        elif int(there[step] or 0) > int(most or 0):
            yield Loosening(f"rounds.{step}", f"“{step}”由最多{most}次放宽为最多{there[step]}次。")


def _entries(
    old: Mapping[str, Any], new: Mapping[str, Any], kind: str, word: str, conditions: Conditions
) -> Iterator[Loosening]:
    """The entries of a section: each of the old ones must still be there, or a tighter one in its place."""
    there = _entries_of(new, kind)
    free = list(there)
    for number, entry in enumerate(_entries_of(old, kind), 1):
        match = next((other for other in free if _tighter(kind, entry, other, conditions)), None)
        if match is not None:
            free.remove(match)
            continue
        closest = next((other for other in there if _about(entry) == _about(other)), None)
        said = _said(entry)
        if closest is None:
            yield Loosening(f"{kind}.{number}", f"去掉了{word}“{said}”。")
        else:
            yield Loosening(f"{kind}.{number}", f"{word}“{said}”{_how(entry, closest)}。")
    if kind in CLOSED:
        known = [_about(entry) for entry in _entries_of(old, kind)]
        for more in (entry for entry in free if _about(entry) not in known):
            yield Loosening(f"{kind}.more", f"增加了{word}“{_said(more)}”。")


def _tighter(kind: str, old: Any, new: Any, conditions: Conditions) -> bool:
    """Whether an entry demands at least what another one does."""
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return bool(old == new)
    ignored = WORDS if kind == "separation" else WORDS | {"name"}
    return all(
        _kept_at(key, old.get(key), new.get(key), conditions) for key in sorted({*old, *new} - ignored)
    )


def _kept_at(key: str, before: Any, after: Any, conditions: Conditions) -> bool:
    if before == after:
        return True
    if key in MORE:
        return set(map(str, _listed(before))) <= set(map(str, _listed(after)))
    if key in FEWER:
        return set(map(str, _listed(after))) <= set(map(str, _listed(before)))
    if key == "when":
        return not after or conditions.implies(before, after)
    if key == "limit":
        return not _longer_or_shorter(before, after, True)
    return False


def _how(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """What became of an entry that is still there."""
    if told := _longer_or_shorter(old.get("limit"), new.get("limit"), True):
        return told
    changed = [key for key in sorted({*old, *new} - WORDS) if old.get(key) != new.get(key)]
    return f"被改动（{'、'.join(changed)}）"


def _about(entry: Any) -> Any:
    """By what an entry is known again."""
    if not isinstance(entry, Mapping):
        return entry
    return next(
        (entry[key] for key in ("message", "name", "after", "step", "attribute") if entry.get(key)), entry
    )


def _said(entry: Any) -> str:
    if not isinstance(entry, Mapping):
        return str(entry)
    keys = ("message", "name", "attribute", "after", "clock")
    return str(next((entry[key] for key in keys if entry.get(key)), "一项")).rstrip("。")


def _plain(entry: Any) -> Any:
    return {k: v for k, v in entry.items() if k not in WORDS} if isinstance(entry, Mapping) else entry


def _listed(value: Any) -> Sequence[Any]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def _read(tree: Any) -> set[str]:
    """Every attribute that the conditions of some entries read."""
    if isinstance(tree, Mapping):
        mine = {str(tree["field"])} if isinstance(tree.get("field"), str) else set()
        return mine.union(*map(_read, tree.values()))
    return set().union(*map(_read, tree)) if isinstance(tree, list) else set()
