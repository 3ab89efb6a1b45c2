"""Statutes and words that the rules about penalties share."""

from .statutes import COMPULSION, LITIGATION, PENALTY, REVIEW

TRANSFER = "《行政执法机关移送涉嫌犯罪案件的规定》"
PUBLICITY = (
    "《国务院办公厅关于全面推行行政执法公示制度执法全过程记录制度重大执法决定法制审核制度的指导意见》"
    "（国办发〔2018〕118号）"
)

LEADERS = ("deputy", "head")
"""Positions of the responsible heads of the organ: 分管负责人岗, 主要负责人岗."""

DECIDE = ("decide",)
DECISION_PAPERS = ("decide.penalty", "decide.nopenalty", "decide.transfer")
NEW_REPORT = ("invest.end",)
"""A new report on the end of the investigation is a new proposal: what was said about the old one is void."""

__all__ = [
    "COMPULSION", "DECIDE", "DECISION_PAPERS", "LEADERS", "LITIGATION", "NEW_REPORT", "PENALTY", "PUBLICITY", "REVIEW",
    "TRANSFER",
]  # fmt: skip
