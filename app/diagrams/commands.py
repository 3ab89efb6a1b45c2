"""`script/xq rules`: the rules of law that procedures are proven against."""

import click

from app.kernel.settings import ROOT
from app.verify import catalogue_text
from app.verify.rules import RULES

PAGE = ROOT / "docs" / "rules.md"


@click.command(help="规则：列出发布前证明的规则；--write 写出 docs/rules.md。")
@click.option("--write", is_flag=True, help="由规则代码重新生成 docs/rules.md")
def rules(write: bool) -> None:
    if write:
        PAGE.write_text(catalogue_text.page(), encoding="utf-8")
        click.echo(f"已写出 {PAGE.relative_to(ROOT)}：{len(RULES)} 条规则。")
        return
    for rule in RULES:
        click.echo(f"{rule.id}  {catalogue_text.LEVELS[rule.severity]}  {rule.name}  {rule.cite}")
