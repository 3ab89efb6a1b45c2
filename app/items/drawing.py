"""Drawing an item up: a draft of a new item, of a change, of a transfer or of the end; page by page, saved as one goes."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.catalogue.models import Change, ItemVersion, PowerItem, VersionState
from app.forms import service as forms
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Invalid, NotFound
from app.people import service as people
from app.people.models import Agency

from . import steps
from .room import for_drawers, life

NO_VERSION = "没有这个事项版本，或者它属于其他机关。"
NO_ITEM = "没有这个事项，或者它属于其他机关。"
EDITABLE = (VersionState.DRAFT, VersionState.RETURNED)
ELEMENTS = (Change.NEW, Change.ADJUST)
"""Changes of which the elements are drawn up; the others say only why, when and to whom."""
CHANGES: Mapping[str, str] = {
    Change.NEW: "新增",
    Change.ADJUST: "变更",
    Change.TRANSFER: "划转",
    Change.ABOLISH: "取消",
}


def item_of(session: Session, actor: Actor, item_id: int) -> PowerItem:
    """An item of the actor's own agency.

    Raises:
        NotFound: it is not.
    """
    found = session.get(PowerItem, item_id)
    if found is None or found.agency_id != actor.agency_id:
        raise NotFound(NO_ITEM)
    return found


def version_of(session: Session, actor: Actor, version_id: int, *, lock: bool = False) -> ItemVersion:
    """A version of an item of the actor's own agency.

    Raises:
        NotFound: it is not.
    """
    own = select(ItemVersion.id).where(ItemVersion.id == version_id, ItemVersion.agency_id == actor.agency_id)
    if session.scalar(own) is None:
        raise NotFound(NO_VERSION)
    return (
        catalogue.versions.locked(session, version_id) if lock else session.get_one(ItemVersion, version_id)
    )


def begin_new(session: Session, actor: Actor, code: str, name: str, kind: str) -> ItemVersion:
    """A draft of an item there was not.

    Raises:
        Forbidden: the actor does not draw items up.
        Invalid: code, name or kind are missing, or the agency has an item with this code.
    """
    for_drawers(actor)
    form = steps.form(session, actor.agency_id, "basics")
    given = {"code": code.strip(), "name": name.strip(), "kind": kind}
    errors = _wrong(form, given, ("code", "name", "kind"))
    same = select(PowerItem).where(PowerItem.agency_id == actor.agency_id, PowerItem.code == given["code"])
    known = session.scalar(same.with_for_update()) if "code" not in errors else None
    earlier = _come_to_nothing(session, known) if known else None
    if known and earlier is None:
        errors["code"] = [f"本机关已有代码为“{given['code']}”的事项，请到该事项的页面办理调整。"]
    if errors:
        raise Invalid(errors=errors)
    if known and earlier:
        known.name, known.kind = given["name"], given["kind"]
        return _draft(session, actor, known, Change.NEW, {**earlier.elements, **given}, earlier)
    values = {**given, "procedure": "", "basis": [], "content": {}}
    item = PowerItem(agency_id=actor.agency_id, status=catalogue.ItemStatus.DRAFT, **values)
    session.add(item)
    session.flush()
    return _draft(session, actor, item, Change.NEW, given)


def _come_to_nothing(session: Session, item: PowerItem) -> ItemVersion | None:
    """The last draft of an item of which nothing ever came: refused, withdrawn or given up. None: something did."""
    rows = session.scalars(
        select(ItemVersion).where(ItemVersion.item_id == item.id).order_by(ItemVersion.id.desc())
    ).all()
    return rows[0] if rows and all(row.state == VersionState.ENDED for row in rows) else None


def _wrong(form: forms.Form, given: Mapping[str, Any], keys: Sequence[str]) -> dict[str, list[str]]:
    """What is wrong with these answers among others that are still to come."""
    try:
        form.validate(dict(given), steps.context())
    except Invalid as error:
        return {name: list(texts) for name, texts in error.errors.items() if name in keys}
    return {}


def begin_change(
    session: Session, actor: Actor, item_id: int, change: str, to_agency_id: int | None = None
) -> ItemVersion:
    """A draft that changes, transfers or ends an item as it stands.

    Raises:
        Forbidden: the actor does not draw items up.
        NotFound: the item is not the agency's.
        Conflict: a draft is under way, or the item is not in force.
        Invalid: the receiving agency is missing, or is the own one.
    """
    item = item_of(session, actor, item_id)
    for_drawers(actor)
    session.get_one(PowerItem, item_id, with_for_update=True, populate_existing=True)
    if item.kind not in steps.kinds():
        raise Conflict("这个事项是平台内部管理使用的，不在这里调整。", code="item_internal")
    if change not in (Change.ADJUST, Change.TRANSFER, Change.ABOLISH):
        raise Invalid("请选择调整的种类：变更、划转或者取消。")
    if catalogue.versions.open_of(session, item_id) is not None:
        raise Conflict("这个事项已有正在编制或者审核的调整，请办完以后再提出新的调整。", code="item_open")
    if any(
        v.effective_on and v.effective_on > clock.today()
        for v in catalogue.versions.approved(session, item_id)
    ):
        raise Conflict("这个事项已公布的调整还没有到生效日期，生效以后才能再调整。", code="item_pending")
    standing = catalogue.versions.counting(catalogue.versions.approved(session, item_id), clock.today())
    if standing is None or standing.change not in (Change.NEW, Change.ADJUST):
        raise Conflict("这个事项目前没有施行，不能调整。", code="item_not_in_force")
    if change == Change.TRANSFER:
        _receiver(session, actor, item, to_agency_id)
    elements = dict(standing.elements) or catalogue.item_rules.elements_of(
        {**catalogue.versions.values(standing), "code": item.code}
    )
    to = to_agency_id if change == Change.TRANSFER else None
    return _draft(session, actor, item, Change(change), elements, standing, to)


def _receiver(session: Session, actor: Actor, item: PowerItem, to_agency_id: int | None) -> None:
    """Refuse an agency that cannot take the power over."""
    if to_agency_id is None or to_agency_id == actor.agency_id or session.get(Agency, to_agency_id) is None:
        raise Invalid(errors={"to_agency": ["请选择接收这个事项的机关。"]})
    theirs = select(PowerItem).where(PowerItem.agency_id == to_agency_id, PowerItem.code == item.code)
    known = session.scalar(theirs)
    if known is not None and known.status in (catalogue.ItemStatus.PUBLISHED, catalogue.ItemStatus.DRAFT):
        raise Invalid(errors={"to_agency": [f"接收机关已有代码为“{item.code}”的事项，不能再接收。"]})


def _draft(
    session: Session,
    actor: Actor,
    item: PowerItem,
    change: Change,
    elements: Mapping[str, Any],
    standing: ItemVersion | None = None,
    to_agency_id: int | None = None,
) -> ItemVersion:
    now = clock.now()
    version = ItemVersion(
        item_id=item.id,
        agency_id=item.agency_id,
        change=change,
        state=VersionState.DRAFT,
        name=item.name,
        kind=item.kind,
        procedure=standing.procedure if standing else "",
        basis=list(standing.basis) if standing else [],
        content=dict(standing.content) if standing else {},
        elements=dict(elements),
        trial=standing.trial if standing else False,
        to_agency_id=to_agency_id,
        revision=1,
        created_at=now,
        created_by=actor.name,
        updated_at=now,
        checks=[],
    )
    session.add(version)
    session.flush()
    return version


def save(
    session: Session, actor: Actor, version_id: int, step: str, revision: int, answers: Mapping[str, Any]
) -> tuple[ItemVersion, dict[str, list[str]]]:
    """Keep what was entered on a page, complete or not; what of it is wrong comes back, by field.

    Raises:
        Forbidden: the actor does not draw items up.
        NotFound: there is no such version or page.
        Conflict: it is under examination, or somebody else has saved meanwhile.
    """
    version = version_of(session, actor, version_id, lock=True)
    for_drawers(actor)
    editable(version, elements=True)
    if version.revision != revision:
        raise Conflict(
            "另一人在您打开本页以后保存过这个事项，您填写的内容已存为草稿，没有丢失。请刷新后核对，再保存。",
            code="item_changed",
        )
    form = steps.form(session, actor.agency_id, step)
    errors: dict[str, list[str]] = {}
    try:
        said: Mapping[str, Any] = form.validate(answers, steps.context())
    except Invalid as error:
        errors = {name: list(texts) for name, texts in error.errors.items()}
        said = {item.key: answers.get(item.key) for item in form.keyed()}
    _take(session, version, dict(said), errors)
    version.revision, version.updated_at = version.revision + 1, clock.now()
    session.flush()
    forms.drop_draft(session, actor.account_id, scope(version_id, step))
    return version, errors


def _take(session: Session, version: ItemVersion, said: dict[str, Any], errors: dict[str, list[str]]) -> None:
    """Take answers over into the version, and what is known of the item before it is published."""
    item = session.get_one(PowerItem, version.item_id)
    if "code" in said and version.change != Change.NEW and said["code"] != item.code:
        errors.setdefault("code", []).append(f"事项代码公布以后不变，应为“{item.code}”。")
        said["code"] = item.code
    elements = {**version.elements, **said}
    version.elements = elements
    version.name = str(elements.get("name") or version.name)[:300]
    version.kind = str(elements.get("kind") or version.kind)
    version.procedure = str(elements.get("procedure") or "")
    version.basis = [
        str(row.get("citation") or "") for row in elements.get("basis") or () if row.get("citation")
    ]
    version.content = catalogue.item_rules.content_of(elements, version.content)
    version.trial = elements.get("trial") == "yes"
    if version.change == Change.NEW:
        _name_item(session, item, version, errors)


def _name_item(session: Session, item: PowerItem, version: ItemVersion, errors: dict[str, list[str]]) -> None:
    """The item of a draft is called as the draft calls it, as long as nothing counts of it."""
    code = str(version.elements.get("code") or "")
    if code and code != item.code and "code" not in errors:
        same = select(PowerItem.id).where(PowerItem.agency_id == item.agency_id, PowerItem.code == code)
        if session.scalar(same) is not None:
            errors["code"] = [f"本机关已有代码为“{code}”的事项，请另取代码。"]
        else:
            item.code = code
    item.name, item.kind, item.procedure = version.name, version.kind, version.procedure


def editable(version: ItemVersion, *, elements: bool = False) -> None:
    """Only a draft, or what was returned, may be changed.

    Raises:
        Conflict: it may not.
    """
    if version.state not in EDITABLE:
        raise Conflict("这个版本正在审核或者已经结束，不能修改。", code="item_locked")
    if elements and version.change not in ELEMENTS:
        raise Conflict("划转和取消不改变事项要素，只填写理由和生效日期。", code="item_elements")


def drop(session: Session, actor: Actor, version_id: int) -> int:
    """Give a draft up that was never sent in; the item's id.

    Raises:
        Conflict: it was sent in: then it is withdrawn in its case.
    """
    version = version_of(session, actor, version_id, lock=True)
    for_drawers(actor)
    if version.state != VersionState.DRAFT or version.case_id is not None:
        raise Conflict("已经送审的调整请在案件中撤回。", code="item_sent")
    version.state, version.updated_at = VersionState.ENDED, clock.now()
    session.flush()
    return version.item_id


def scope(version_id: int, step: str) -> str:
    """The name under which what is typed on a page is kept until it is saved."""
    return f"item:{version_id}:{step}"


def around(session: Session, agency_id: int, basis: Sequence[str]) -> catalogue.item_rules.Surroundings:
    """What lies outside the item and decides whether it is complete."""
    today = clock.today()
    officers = people.officers_at(session, agency_id)
    return catalogue.item_rules.Surroundings(
        today,
        frozenset(steps.procedures(session)),
        frozenset(steps.baselines(session, agency_id)),
        sum(bool(card.certificate()) for card in officers),
        catalogue.articles_of(session, basis),
    )


def lacks(session: Session, version: ItemVersion) -> list[catalogue.item_rules.Lack]:
    """What the version lacks before it may be sent in. A transfer or an end changes no element and lacks none."""
    if version.change not in ELEMENTS:
        return []
    elements = elements_of(session, version)
    cited = [str(row.get("citation") or "") for row in elements.get("basis") or ()]
    return catalogue.item_rules.lacks(elements, around(session, version.agency_id, cited))


def standing_of(session: Session, version: ItemVersion) -> ItemVersion | None:
    """The version that counts today, with which a draft is compared; of an approved one the version before it."""
    known = catalogue.versions.approved(session, version.item_id)
    if version.number is not None:
        return next((v for v in reversed(known) if (v.number or 0) < (version.number or 0)), None)
    return catalogue.versions.counting(known, clock.today())


def elements_of(session: Session, version: ItemVersion) -> Mapping[str, Any]:
    """A version's elements; of an item taken over those that its row tells."""
    if version.elements:
        return version.elements
    code = session.get_one(PowerItem, version.item_id).code
    return catalogue.item_rules.elements_of({**catalogue.versions.values(version), "code": code})


def changes(session: Session, version: ItemVersion) -> list[catalogue.item_rules.Difference]:
    """What a version changes against the one that counts, in words."""
    base = standing_of(session, version)
    before = elements_of(session, base) if base else {}
    found = catalogue.item_rules.differences(before, elements_of(session, version), steps.wording(session))
    found += _tier_changes(base, version)
    if version.change == Change.TRANSFER and version.to_agency_id is not None:
        names = [people.agency(session, each).name for each in (version.agency_id, version.to_agency_id)]
        found.insert(0, catalogue.item_rules.Difference("agency", "实施机关", *names))
    if version.change == Change.ABOLISH:
        found.insert(0, catalogue.item_rules.Difference("status", "事项状态", "施行", "取消"))
    return found


def _tier_changes(base: ItemVersion | None, version: ItemVersion) -> list[catalogue.item_rules.Difference]:
    """Where the baselines that the versions bring with them differ."""
    old, new = (own_baseline(each) if each else None for each in (base, version))
    return [
        catalogue.item_rules.Difference("own_baseline", f"裁量档次：{each.label}", each.before, each.after)
        for each in catalogue.discretion.differences(old, new)
    ]


def own_baseline(version: ItemVersion) -> catalogue.discretion.Baseline | None:
    """The baseline that a version brings with it, as it was saved; None: none, or not yet."""
    written = catalogue.own_baseline(version)
    return catalogue.discretion.read(written) if written else None


def procedure_item(session: Session, agency_id: int, key: str) -> catalogue.Item | None:
    """The agency's item on one of the procedures by which items come about."""
    rows = catalogue.items_of(session, agency_id)
    row = next((row for row in rows if row.procedure == life()[key]), None)
    return catalogue.item(session, row.id) if row else None
