"""Credits in two phases: hold, capture for what was delivered, close exactly once."""

from showreel.credits.ledger import Ledger
from showreel.credits.models import Account, Entry, Hold

__all__ = ["Account", "Entry", "Hold", "Ledger"]
