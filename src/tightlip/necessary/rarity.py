"""What it costs to look for a literal: how rare it is in source text, and how easily told apart."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

NEVER = 1e9
"""More than any other cost."""
_PAIR = 2
_LONGEST = 8
"""Hyperscan looks for so many bytes of a literal, the last ones, before anything else."""
_PRICES = (NEVER, NEVER, 2, 2, 2, 1.5, 1.3, 1, 0.8)
"""By length, what it costs to look for a literal that does not occur; one occurrence in a million bytes costs 1."""
_RATES = (NEVER, NEVER, 1000, 8, 2, 0.8, 0.4, 0.2, 0.1)
"""By length, how often in a million bytes of source text a literal occurs that is no part of a common word."""
_RUN = 100
"""What a run of one byte counts for, of any length: data has long ones, and then a hit at each byte."""
_CASED = 2
"""How many bytes longer a literal with capital letters counts that is more than a pair."""
_SELDOM = {b"YC": 1, b"hc": 15, b"kv": 8}
"""Pairs of letters that are literals enough, by how often they occur in a million bytes."""
_OFTEN = {
    word.replace(b"~", b" "): rate
    for rate, words in (
        (500, b"abl line pat test_ value"),
        (350, b"api app key redis write"),
        (250, b"client cur"),
        (160, b"here master re_ ses st."),
        (115, b"test_c test_e"),
        (85, b"auth mail ODU open pass pop sid stack store token"),
        (60, b"http internal NTA system"),
        (45, b":// config. graph NTE NTI wise"),
        (28, b"access hut KEY NDE NDI nfo_ ODE ODI OTA priv test_d"),
        (20, b":*: channel curl example. machine md- OTE OTI pwd st.e"),
        (13, b"github.com redis-cli"),
        (13, b'_auth basic example.com http:// https:// owner password private server.ssl st.b test_b token"'),
        (10, b"ably better credentials registry schema service spaces together"),
        (7, b"crypt gossip key- st.a storage test_a test_f validation"),
        (4, b"127.0.0.1 access~token account canva client_secret consumer driver eleven key_file live_ machine~"),
        (4, b"NTU pager ~password~ segment semaphore signing signing_key stability"),
    )
    for word in words.split()
}
"""How often common words occur in a million bytes of C, Python, Tcl and prose; "~" is a space. A literal occurs as
often as a word that holds it. Of what no rule would be searched for by, nothing need be known."""


def cost(texts: Iterable[bytes], least: int) -> float:
    """What it costs to look for literals: for each to be told apart, and for each time that one occurs.

    Parameters: `least`, as many bytes each must have.
    """
    ends = {text[-_LONGEST:] for text in texts}
    return rate(ends) + sum(_PRICES[len(end)] for end in ends) if min(map(len, ends)) >= least else NEVER


def rate(texts: Iterable[bytes]) -> float:
    """How often literals occur in a million bytes of source text, together."""
    return sum(map(_rate, {text[-_LONGEST:] for text in texts}))


@cache
def _rate(text: bytes) -> float:
    """How often a literal occurs in a million bytes of source text, about."""
    if text in _SELDOM:
        return _SELDOM[text]
    if len(set(text.lower())) == 1:
        return _RUN
    length = len(text) + (_CASED if len(text) > _PAIR and text != text.lower() else 0)
    return max(_RATES[min(length, _LONGEST)], _rates_of_parts().get(text, 0))


@cache
def _rates_of_parts() -> dict[bytes, float]:
    """How often each part of a common word occurs."""
    rates: dict[bytes, float] = {}
    for word, rate in _OFTEN.items():
        for start in range(len(word)):
            for part in (word[start:end] for end in range(start + 1, len(word) + 1)):
                rates[part] = max(rate, rates.get(part, 0))
    return rates
