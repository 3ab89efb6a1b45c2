"""What the API answers. Every text and list has a bound, so that a program can size what it keeps."""

from marshmallow import fields

from .fields import RowId, Strict, chosen, moment, nested, number, open_object, several, text

LIGHTS = ("normal", "warning", "overdue", "paused")
FORM = 500


class Problem(Strict):
    """An error (RFC 9457), told in Chinese."""

    type = text(200, required=True)
    title = text(100, required=True)
    status = number(599, 400, required=True)
    detail = text(2_000, required=True, metadata={"description": "中文说明：发生了什么，怎么办。"})
    code = text(60, required=True, metadata={"description": "供程序判断的固定代码。"})
    request = text(64, required=True, metadata={"description": "与 X-Request-Id 相同，报修时提供。"})
    field = text(200)
    article = text(200, metadata={"description": "所依据的法律条文。"})
    errors = open_object(5_000, values=several(text(1_000), 20))


class Agency(Strict):
    """机关."""

    id = RowId(required=True)
    name = text(120, required=True)
    region = text(12, required=True, metadata={"description": "GB/T 2260 区划代码。"})


class Position(Strict):
    """岗位."""

    key = text(40, required=True)
    name = text(60, required=True)


class Certificate(Strict):
    """证件."""

    kind = text(20, required=True)
    name = text(60, required=True)
    number = text(60, required=True)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(required=True, allow_none=True)


class Credential(Strict):
    """By which of the two ways the program came in."""

    kind = chosen("token", "session", required=True)
    name = text(60, required=True)
    scope = chosen("read", "act", required=True)
    expires_at = moment(required=True, allow_none=True)
    csrf_token = text(
        64, required=True, allow_none=True, metadata={"description": "浏览器程序办理时放入 X-CSRF-Token。"}
    )


class Me(Strict):
    """本人."""

    account_id = RowId(required=True)
    officer_id = RowId(required=True, allow_none=True)
    name = text(60, required=True)
    agency = nested(Agency, required=True)
    roles = several(chosen("officer", "supervisor", "analyst", "admin"), 4, required=True)
    positions = several(nested(Position), 50, required=True)
    certificates = several(nested(Certificate), 50, required=True)
    credential = nested(Credential, required=True)


class Due(Strict):
    """期限和亮灯."""

    light = chosen(*LIGHTS, required=True)
    light_word = text(20, required=True)
    words = text(200, required=True)
    basis = text(200, required=True)


class CaseLine(Strict):
    """案件（一行）."""

    id = RowId(required=True)
    no = text(60, required=True)
    title = text(400, required=True)
    status = chosen("open", "closed", required=True)


class TaskLine(Strict):
    """待办（一行）."""

    id = RowId(required=True)
    name = text(200, required=True)
    status = chosen("open", "cosign", "signing", "done", "cancelled", required=True)
    position = text(60, required=True)
    due_at = moment(required=True, allow_none=True)
    done_at = moment(required=True, allow_none=True)
    due = nested(Due, required=True, allow_none=True)
    case = nested(CaseLine, required=True)


class Inbox(Strict):
    """待办列表。`next` 为下一页的 `after`，最后一页为空值。

    查找常见的词时，一页可能不满甚至为空，`next` 不为空值就还没有查完。
    """

    box = chosen("mine", "positions", "done", required=True)
    tasks = several(nested(TaskLine), 30, required=True)
    counts = open_object(5, values=number(10**9), required=True)
    next = text(80, required=True, allow_none=True)


class FormOf(Strict):
    """表单。`schema` 为 JSON Schema（2020-12）."""

    key = text(60, required=True)
    title = text(100, required=True)
    version = number(10**6, 1, required=True)
    schema = open_object(20, required=True)


class Fact(Strict):
    """要点."""

    label = text(200, required=True)
    text = text(5_000, required=True)


class DocumentLine(Strict):
    """文书（一行）."""

    id = RowId(required=True)
    code = text(20, required=True)
    title = text(200, required=True)
    number = text(80, required=True, allow_none=True)
    issued_on = fields.Date(required=True)


class Task(Strict):
    """一项任务。`mode`：edit 可办理，claim 可签收，confirm 待本人确认，waiting 待他人确认，
    sign 待本人会签，signing 待他人会签，read 只读."""

    id = RowId(required=True)
    version = number(10**9, required=True)
    name = text(200, required=True)
    status = chosen("open", "cosign", "signing", "done", "cancelled", required=True)
    mode = chosen("edit", "claim", "confirm", "waiting", "sign", "signing", "read", required=True)
    verb = text(200, required=True)
    step = text(60, required=True)
    duty = text(2_000, required=True)
    basis = text(500, required=True)
    position = text(60, required=True)
    assignee = text(60, required=True)
    second = text(60, required=True)
    due = nested(Due, required=True, allow_none=True)
    case = nested(CaseLine, required=True)
    facts = several(nested(Fact), 50, required=True)
    form = nested(FormOf, required=True)
    answers = open_object(FORM, required=True)
    documents = several(text(200), 50, required=True)


class StoredFile(Strict):
    """已保存的附件。`token` 放入答复中的相应栏目."""

    token = text(2_000, required=True)
    name = text(120, required=True)
    size = number(200 * 1024 * 1024, required=True)
    type = text(100, required=True)


class Issued(Strict):
    """办理中签发的文书."""

    id = text(18, required=True)
    title = text(200, required=True)
    number = text(80, required=True)


class NextTask(Strict):
    """后续任务."""

    id = text(18, required=True)
    name = text(200, required=True)
    position = text(60, required=True)
    person = text(60, required=True)


class Result(Strict):
    """办理结果。同一 Idempotency-Key 重复提交得到同一结果."""

    outcome = chosen("opened", "done", "cosign", "signing", "returned", "claimed", required=True)
    case_id = RowId(required=True)
    work_item_id = RowId(required=True)
    message = text(2_000, required=True)
    documents = several(nested(Issued), 50, required=True)
    next = several(nested(NextTask), 50, required=True)


class PowerItem(Strict):
    """可以发起办件的事项."""

    id = RowId(required=True)
    code = text(60, required=True)
    name = text(300, required=True)
    kind = text(60, required=True)


class PowerItems(Strict):
    """事项列表."""

    items = several(nested(PowerItem), 5_000, required=True)


class CaseListed(CaseLine):
    """案件列表中的一行."""

    stage = text(1_000, required=True)
    due = nested(Due, required=True, allow_none=True)


class Cases(Strict):
    """案件列表。`next` 为下一页的 `before`，最后一页为空值。

    查找常见的词时，一页可能不满甚至为空，`next` 不为空值就还没有查完。
    """

    cases = several(nested(CaseListed), 30, required=True)
    next = RowId(required=True, allow_none=True)


class Waiting(Strict):
    """案件中待办的任务。`mine`：本人可以打开."""

    id = RowId(required=True)
    name = text(200, required=True)
    kind = chosen("user", "message", required=True)
    position = text(60, required=True)
    person = text(60, required=True)
    mine = fields.Boolean(required=True)
    due = nested(Due, required=True, allow_none=True)


class Step(Strict):
    """已办理的环节."""

    id = RowId(required=True)
    name = text(200, required=True)
    by = several(text(60), 20, required=True)
    at = moment(required=True)
    stance = text(20, required=True, allow_none=True)
    opinion = text(2_000, required=True, allow_none=True)
    latest = fields.Boolean(required=True)
    answers = several(nested(Fact), FORM, required=True)


class Clock(Strict):
    """计时."""

    id = RowId(required=True)
    name = text(200, required=True)
    kind = text(20, required=True)
    basis = text(500, required=True)
    limit = text(60, required=True)
    state = text(20, required=True)
    light = chosen(*LIGHTS, required=True)
    light_word = text(20, required=True)
    started_on = fields.Date(required=True)
    due_on = fields.Date(required=True)
    provisional = fields.Boolean(required=True)
    stopped_on = fields.Date(required=True, allow_none=True)
    words = text(200, required=True)
    excluded_days = number(10**5, required=True)


class Statutory(Strict):
    """法定环节的状态."""

    name = text(200, required=True)
    basis = text(500, required=True)
    limit = text(60, required=True)
    state = chosen("passed", "current", "coming", required=True)


class CaseOf(CaseLine):
    """一个案件."""

    procedure = text(100, required=True)
    opened_at = moment(required=True)
    closed_at = moment(required=True, allow_none=True)
    facts = several(nested(Fact), 50, required=True)
    handlers = several(nested(Fact), 10, required=True)
    course = several(nested(Statutory), 200, required=True)
    waiting = several(nested(Waiting), 200, required=True)
    steps = several(nested(Step), 2_000, required=True)
    clocks = several(nested(Clock), 2_000, required=True)
    documents = several(nested(DocumentLine), 2_000, required=True)


class Entry(Strict):
    """留痕的一条."""

    seq = number(10**9, 1, required=True)
    at = moment(required=True)
    actor = text(60, required=True, allow_none=True, metadata={"description": "空值为系统自动。"})
    kind = text(60, required=True)
    name = text(300, required=True, allow_none=True)
    digests = several(text(64), 1_000, required=True)


class Record(Strict):
    """留痕。`next` 为下一页的 `after`."""

    entries = several(nested(Entry), 100, required=True)
    next = number(10**9, required=True, allow_none=True)


class DocumentOf(DocumentLine):
    """一份文书."""

    case_id = RowId(required=True)
    ident_code = text(40, required=True)
    status = chosen("issued", "void", "corrected", "superseded", required=True)
    issued_at = moment(required=True)
    data_digest = text(64, required=True)
    void_reason = text(1_000, required=True)


class Verdict(Strict):
    """文书核验的结果，不含个人信息."""

    verdict = chosen("genuine", "void", "replaced", "unknown", "forged", required=True)
    code = text(60, required=True)
    agency = text(120, required=True)
    title = text(200, required=True)
    number = text(80, required=True)
    issued_on = fields.Date(required=True, allow_none=True)


class ProofStep(Strict):
    """反例路径上的一步。`set` 为在这一步填写、与反例有关的属性."""

    element = text(200, required=True)
    name = text(1_000, required=True)
    flow = text(200, required=True)
    set = open_object(500, required=True)


class ProofFinding(Strict):
    """证明发现的一处问题."""

    rule = text(40, required=True)
    severity = chosen("block", "unproven", "warn", required=True)
    message = text(10_000, required=True)
    cite = text(1_000, required=True)
    elements = several(text(200), 3_000, required=True)
    diagram = chosen("internal", "external", required=True)
    trace = several(nested(ProofStep), 5_000, required=True)
    values = open_object(500, required=True)


class ProofDays(Strict):
    """一个环节占用的工作日."""

    element = text(200, required=True)
    days = number(10**9, required=True)


class ProofBudget(Strict):
    """一项法定期限与岗位时限，单位：工作日。`longest` 为空值：没有上限."""

    id = text(200, required=True)
    name = text(1_000, required=True)
    days = number(10**9, required=True)
    longest = number(10**9, required=True, allow_none=True)
    rework = number(10**9, required=True, allow_none=True)
    chain = several(nested(ProofDays), 5_000, required=True)
    loop = several(text(200), 3_000, required=True)
    slack = open_object(3_000, required=True)


class Proof(Strict):
    """证明的结论。`proven`：全部判断完毕且没有阻断问题；`publishable`：没有阻断问题."""

    proven = fields.Boolean(required=True)
    publishable = fields.Boolean(required=True)
    conclusive = fields.Boolean(required=True)
    states = number(10**9, required=True)
    findings = several(nested(ProofFinding), 5_000, required=True)
    budgets = several(nested(ProofBudget), 500, required=True)
