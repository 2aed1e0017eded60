"""What `tightlip init` offers to do in a repository, each an offer (offer.py) that is made only where it is of use.

Nothing that is there is written over: files are new, or lines are added to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tightlip.setup import ci, encryption, example, hooks, ignoring

if TYPE_CHECKING:
    from tightlip.setup.offer import Note, Offer, Wishes

OFFERS = {
    "hooks": hooks.offers,
    "gitignore": ignoring.offers,
    "example": example.offers,
    "sops": encryption.offers,
    "ci": ci.offers,
}
"""What is offered, in this order."""


def offers(wishes: Wishes) -> Iterator[tuple[str, Offer | Note]]:
    """Yield what can be done, and what there is to know; each is asked for once those before it were made."""
    for name, make in OFFERS.items():
        if not wishes.only or name in wishes.only:
            for it in make(wishes):
                yield name, it
