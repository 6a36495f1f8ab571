"""What the papers of a dossier give pause about: that somebody died, and that a paper which was there no longer counts.

Rule of this file: only kinds the procedure accepts and is granted get here. A paper with a broken or revoked signature
says nothing about its holder.
"""

from collections.abc import Sequence
from datetime import datetime

from gateway.model import DOCUMENTS, Lapsed, Notice, Offer, Offered
from gateway.reasons.sentences import DOUBTS
from gateway.zone import VIETNAM

_DISPROVED = ("invalid", "revoked")


def notices(offered: Offered) -> tuple[Notice, ...]:
    """Each as a sentence, with the day the paper was issued, or on which it ended."""
    return (*_told(offered.offers), *(_ended(one) for one in offered.lapsed))


def _told(offers: Sequence[Offer]) -> list[Notice]:
    found = []
    for code, sentence in DOUBTS.items():
        days: dict[str, str] = {}
        for offer in offers:
            if offer.kind in sentence.documents and offer.signature.get("outcome") not in _DISPROVED:
                days[offer.role] = max(days.get(offer.role, ""), offer.issued_on)
        found += [Notice(role, code, sentence.vi, sentence.en, DOCUMENTS, _day(day)) for role, day in days.items()]
    return found


def _ended(one: Lapsed) -> Notice:
    sentence, on = DOUBTS[one.code], _day(one.on)
    shown = on.strftime("%d/%m/%Y")
    vi, en = sentence.vi.format(name=one.name_vi, on=shown), sentence.en.format(name=one.name_en, on=shown)
    return Notice(one.role, one.code, vi, en, DOCUMENTS, on)


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)
