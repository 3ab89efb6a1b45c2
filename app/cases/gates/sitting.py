"""The gate of sittings: what a meeting or hearing held on the platform has decided is what is handed in."""

from .base import ActFacts, Evaluate, Gate, Refusal


class SittingAgrees(Gate):
    """A finding that a sitting must carry is true only if it did, and its record is what the form says."""

    code = "sitting"
    article = "《中华人民共和国行政处罚法》第五十七条第二款、第六十四条"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        held = act.sitting
        if held is None or not act.writes | set(act.data):
            return None
        if not held.closed:
            return self.refuse(
                f"本案的{held.name}还没有结束，不能提交。请先在{held.name}页面结束并形成记录。", held.article
            )
        for attribute, carried in held.carried.items():
            if act.after.get(attribute) and attribute in act.writes and not carried:
                return self.refuse(f"{held.name}没有通过，不能按通过提交。{held.told}", held.article)
        wrong = [label for key, (label, value) in held.answers.items() if act.data.get(key) != value]
        if wrong:
            return self.refuse(
                f"填写的“{'”“'.join(wrong)}”与已经结束的{held.name}的记录不一致，请按记录填写。", held.article
            )
        return None
