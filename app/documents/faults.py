"""What is wrong with a template text, in Chinese: Jinja2's own messages said again for whoever writes documents."""

import re

from jinja2 import TemplateError

_SAID = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (
            r"Encountered unknown tag '(\w+)'.*'(endif|endfor|elif|else)'",
            "不认识的标记“{0}”，这里应当先写 {1}",
        ),
        (r"Encountered unknown tag '(\w+)'", "不认识的标记“{0}”，只能用 if、elif、else、for、set"),
        (r"Unexpected end of template.*'(endif|endfor|elif|else)'", "条件或者逐项没有结束，缺少 {{% end %}}"),
        (r"(?i)unexpected end of template|got 'end of template'|unexpected '\)'", "没有写完"),
        (r"expected token '\)', got '(.+)'", "“{0}”处写法有误"),
        (r"expected name or number", "“.”后面缺少名称"),
        (r"No filter named '([^']+)'", "没有“{0}”这种格式"),
        (r"No test named '([^']+)'", "没有“{0}”这种判断"),
        (r"unexpected char (.+) at", "不能有字符 {0}，引号是否成对"),
        (
            r"expected token '(?:end of print statement|end of statement block)', got '(.+)'",
            "“{0}”处写法有误",
        ),
        (r"expected token '(.+)', got '(.+)'", "“{1}”处写法有误，这里应当是“{0}”"),
        (r"unexpected '(.+)'", "“{0}”处写法有误"),
        (r"Expected an expression, got '(?:end of print statement|end of template)'", "{{{{ }}}} 中没有内容"),
        (r"Expected an expression", "缺少要计算的内容"),
        (r"[Mm]issing end of", "注释没有结束"),
        (r"can't assign to '(.+)'", "不能给“{0}”赋值"),
    )
)
_NODES = {
    "Call": "调用函数",
    "Mul": "乘法",
    "Div": "除法",
    "FloorDiv": "除法",
    "Mod": "求余",
    "Pow": "乘方",
    "Include": "引用别的模板",
    "Import": "引用别的模板",
    "FromImport": "引用别的模板",
    "Extends": "引用别的模板",
    "Macro": "定义宏",
    "Block": "定义块",
    "FilterBlock": "过滤块",
    "CallBlock": "调用块",
    "AssignBlock": "赋值块",
}


def of_values(error: Exception) -> str:
    """Why a text could not be filled in with these values."""
    message = str(error)
    if wrong := re.search(r"[Ii]nvalid isoformat string: '(.*)'", message):
        return f"“{wrong[1]}”不是日期"
    if isinstance(error, KeyError):
        return f"数据中缺少“{error.args[0]}”"
    if re.search(r"[\u4e00-\u9fff]", message):
        return message
    if isinstance(error, TypeError):
        return "数据的种类不合，例如文字与数字相比、对一组数据取日期"
    return "数据不合要求"


def in_chinese(error: TemplateError) -> str:
    """The message of an error of Jinja2; our own messages, Chinese already, stay."""
    message = error.message or ""
    if refused := re.fullmatch(r"不能使用 (\w+)", message):
        return f"不能使用{_NODES.get(refused[1], '这种写法')}"
    for pattern, words in _SAID:
        if found := pattern.search(message):
            return words.format(*found.groups())
    return message if re.search(r"[\u4e00-\u9fff]", message) else "写法有误"
