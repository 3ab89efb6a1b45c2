"""The acts on a task besides handing it in: one list. Each stands in a module of its own."""

from collections.abc import Sequence

from .asking import AddSigners
from .attending import Copy, Unwatch, Urge, Watch
from .base import DeskAct
from .claiming import Release
from .delegating import Delegate, Prepared, TakeBack
from .handing import Assign, Transfer
from .handlers import Handler
from .recusing import Recuse
from .rerouting import Reroute
from .returning import Return
from .signing import Answer, Cancel, Close, Explain, Remove
from .substituting import BackFromSubstitute, TakenAsSubstitute
from .withdrawing import Withdraw

ACTS: Sequence[DeskAct] = (
    TakenAsSubstitute(),
    BackFromSubstitute(),
    Answer(),
    Prepared(),
    Withdraw(),
    Return(),
    Reroute(),
    Transfer(),
    Delegate(),
    TakeBack(),
    AddSigners(),
    Remove(),
    Close(),
    Cancel(),
    Explain(),
    Assign(),
    Handler(),
    Recuse(),
    Release(),
    Copy(),
    Urge(),
    Watch(),
    Unwatch(),
)
"""In the order of the menu."""
