"""Decision tables of a procedure (DMN 1.3): read, check, evaluate, compile into its rule set. Pure."""

from .checking import check
from .compiling import compiled_in, declared, problems_of
from .evaluation import evaluate, hits
from .model import Column, Domain, Problem, Row, Severity, Table, Vocabulary
from .reading import read
from .vocabulary import domains, vocabulary
from .writing import write

__all__ = [
    "Column", "Domain", "Problem", "Row", "Severity", "Table", "Vocabulary", "check", "compiled_in", "declared",
    "domains", "evaluate", "hits", "problems_of", "read", "vocabulary", "write",
]  # fmt: skip
