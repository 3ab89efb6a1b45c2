"""Gates about persons: who may act, and who may not act because of what they did before."""

from .base import ActFacts, Evaluate, Gate, Refusal, matches, opponents, people_in, took_part_in


class PositionHeld(Gate):
    """Only a holder of the lane's position handles the task (S4-25: every internal step has its position)."""

    code = "position"
    article = "行政权力运行规范：内部流程按岗位办理（S4-25）"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        if all(act.position in signer.positions for signer in act.signers):
            return None
        return self.refuse(f"“{act.name}”只能由担任该岗位的人员办理。")


class Recused(Gate):
    """Who was recused has no part in the case any more: signs nothing, and is named for nothing."""

    code = "recused"
    article = "《中华人民共和国行政处罚法》第四十三条"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        if found := next((s for s in act.signers if s.officer_id in act.recused), None):
            return self.refuse(f"{found.name}在本案已被决定回避，不能办理“{act.name}”。请由其他人员办理。")
        if act.appointed & act.recused:
            return self.refuse(f"“{act.name}”中指定的人员在本案已被决定回避，请指定其他人员。")
        return None


class CertifiedOfficers(Gate):
    """Two certified officers where the step asks for it; one with the certificate elsewhere it is named. A certificate
    does not count while it is expired, withheld or revoked, nor while training is lacking where that bars (S0-28)."""

    code = "certified_officers"
    article = "《中华人民共和国行政处罚法》第四十二条"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        if act.officers < 1:
            return None
        able = {s.officer_id for s in act.signers if act.certificate in s.certificates}
        if len(able) >= act.officers:
            return None
        lacking = [s for s in act.signers if s.officer_id not in able]
        without = [s.name for s in lacking if not s.why_barred(act.certificate)]
        if without:
            return self.refuse(
                f"{'、'.join(without)}没有有效的证件，不能办理“{act.name}”。请先更新证件或更换人员。"
            )
        if lacking:
            told = "，".join(f"{s.name}的{s.why_barred(act.certificate)}" for s in lacking)
            return self.refuse(f"{told}，不能办理“{act.name}”。请补训并由系统管理员登记，或者更换人员。")
        return self.refuse(f"“{act.name}”须由不少于 {act.officers} 名持有效证件的执法人员办理。")


class PersonsSeparated(Gate):
    """Investigator, legal reviewer, hearing host, decider and collector are different persons."""

    code = "separation"
    article = "《中华人民共和国行政处罚法》第五十八条、第六十四条、第六十七条"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for group in act.rules.separation:
            if not matches(act.step, group.steps):
                continue
            for other in opponents(act.rules, group.name):
                barred = took_part_in(act, other)
                if found := next((s for s in act.signers if s.officer_id in barred), None):
                    return self.refuse(
                        f"{found.name}参加过本案“{other.name}”，不能再办理“{group.name}”的“{act.name}”。"
                        "请由其他人员办理。",
                        group.article,
                    )
        return None


class NamedSeparated(Gate):
    """Who is only named in a form (the host of a hearing) is kept apart like one who signs."""

    code = "named_person"
    article = "《中华人民共和国行政处罚法》第六十四条第四项"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for named in act.rules.named:
            if act.step != named.step:
                continue
            people = people_in(act.data.get(named.field))
            for other in opponents(act.rules, named.group):
                signing = {s.officer_id for s in act.signers if matches(act.step, other.steps)}
                if people & (took_part_in(act, other) | signing):
                    return self.refuse(named.message, named.article)
        return None
