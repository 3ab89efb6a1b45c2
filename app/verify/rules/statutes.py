"""The statutes that rules cite, by their full names."""

PENALTY = "《中华人民共和国行政处罚法》"
COMPULSION = "《中华人民共和国行政强制法》"
LICENCE = "《中华人民共和国行政许可法》"
REVIEW = "《中华人民共和国行政复议法》"
LITIGATION = "《中华人民共和国行政诉讼法》"
OPENNESS = "国办发〔2018〕118号"

PUBLICATION = "app.cases.publication.gate"
"""What keeps out of operation a diagram that lacks what only the drawing can show."""
