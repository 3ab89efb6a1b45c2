"""How often one address may ask. Pure: the caller brings the moment."""

from collections import OrderedDict, deque


class Pace:
    """At most `limit` questions in any `window` seconds from one address, remembered for the last
    `addresses`.

    Kept per process: it slows a machine that tries codes one after the other; it guards no secret.
    """

    def __init__(self, limit: int, window: float, addresses: int = 10_000):
        self.limit, self.window, self.addresses = limit, window, addresses
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def allows(self, address: str, moment: float) -> bool:
        """Whether a question at `moment` (seconds) may be answered; one that may not does not count."""
        seen = self._seen.setdefault(address, deque())
        self._seen.move_to_end(address)
        if len(self._seen) > self.addresses:
            self._seen.popitem(last=False)
        while seen and seen[0] <= moment - self.window:
            seen.popleft()
        if len(seen) >= self.limit:
            return False
        seen.append(moment)
        return True
