"""What counts as a message: compared with the published grammar, read by another parser."""

import functools
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from showreel.core.errors import InvalidInput
from showreel.wallets.messages import SignInMessage, parse
from tests.support.wallets import Wallet

SIGN_IN = (
    "sign-in-with-ethereum = "
    '[ scheme "://" ] domain %s" wants you to sign in with your Ethereum account:" LF '
    "address LF LF [ statement LF ] LF "
    '%s"URI: " URI LF %s"Version: " version LF %s"Chain ID: " chain-id LF '
    '%s"Nonce: " nonce LF %s"Issued At: " issued-at '
    '[ LF %s"Expiration Time: " expiration-time ] [ LF %s"Not Before: " not-before ] '
    '[ LF %s"Request ID: " request-id ] [ LF %s"Resources:" resources ]'
)
GRAMMAR = (
    SIGN_IN,
    "domain = authority",
    'address = "0x" 40*40HEXDIG',
    'statement = *( reserved / unreserved / " " )',
    'version = "1"',
    "nonce = 8*( ALPHA / DIGIT )",
    "issued-at = date-time",
    "expiration-time = date-time",
    "not-before = date-time",
    "request-id = *pchar",
    "chain-id = 1*DIGIT",
    "resources = *( LF resource )",
    'resource = "- " URI',
)
"""The rules of EIP-4361, as printed there."""


@functools.cache
def root() -> Any:
    """The published grammar's first rule. Its parser takes a second to be imported."""
    from abnf import Rule
    from abnf.grammars import rfc3339, rfc3986
    from abnf.grammars.misc import load_grammar_rules

    imported = [(name, rfc3986) for name in ("URI", "authority", "pchar", "scheme")]
    imported += [("reserved", rfc3986), ("unreserved", rfc3986), ("date-time", rfc3339)]

    @load_grammar_rules([(name, module.Rule(name)) for name, module in imported])
    class Grammar(Rule):
        grammar = GRAMMAR

    return Grammar("sign-in-with-ethereum")


WALLET = Wallet()
NONCE = "32891756"


def by_the_book(text: str) -> bool:
    from abnf.parser import ParseError

    try:
        root().parse_all(text)
    except ParseError:
        return False
    return True


def by_us(text: str) -> SignInMessage | None:
    try:
        return parse(text)
    except InvalidInput:
        return None


WORD = st.text("abcXYZ019-._~", min_size=1, max_size=8)
URIS = st.builds(
    lambda scheme, rest: f"{scheme}{rest}",
    st.sampled_from(["https:", "ipfs:", "urn:", "a+b.c-d:"]),
    st.sampled_from(
        [
            *("//example.com", "//u:p@h:80/a//b", "//[2001:db8::1]:8/x", "//[v1.a:b]/", "/a/b;c=d"),
            *("", "a/b%20c", "//?q=/?&x", "//h/p?q#f/?", "//h:/", "/"),
        ]
    ),
)
MOMENTS = st.sampled_from(
    [
        *("2026-11-29T10:00:00Z", "2026-11-29t10:00:00.123456789z"),
        *("2024-02-29T23:59:59+14:00", "1999-12-31T00:00:00.5-23:59"),
    ]
)
STATEMENTS = st.none() | st.text("Az 09-._~:/?#[]@!$&'()*+,;=", max_size=20)
MESSAGES = st.fixed_dictionaries(
    {
        "scheme": st.sampled_from(["", "https://", "x+y://"]),
        "domain": st.sampled_from(
            ["example.com", "example.com:8443", "[::1]", "1.2.3.4:", "u@h", "a%2Fb", ""]
        ),
        "statement": STATEMENTS,
        "uri": URIS,
        "chain_id": st.sampled_from(["1", "137", "007", "9" * 30]),
        "nonce": st.text("abcXYZ019", min_size=8, max_size=20),
        "issued_at": MOMENTS,
    },
    optional={
        "expiration_time": MOMENTS,
        "not_before": MOMENTS,
        "request_id": st.sampled_from(["", "a:b@c", "%41"]) | WORD,
        "resources": st.lists(URIS, max_size=3),
    },
)


@given(MESSAGES)
def test_every_message_of_the_grammar_is_read_as_it_was_written(told: dict[str, Any]) -> None:
    text = WALLET.message(**told)
    assert by_the_book(text)
    read = by_us(text)
    assert read is not None
    assert (read.domain, read.uri, read.nonce) == (told["domain"], told["uri"], told["nonce"])
    assert (read.address, read.chain_id) == (WALLET.address, told["chain_id"])
    assert read.statement == told["statement"]
    assert read.scheme == (told["scheme"].removesuffix("://") or None)
    assert read.request_id == told.get("request_id")
    assert read.resources == tuple(told.get("resources", ()))
    assert (read.expiration_time is None) == ("expiration_time" not in told)
    assert (read.not_before is None) == ("not_before" not in told)


BASE = WALLET.message(
    NONCE,
    issued_at="2026-11-29T10:00:00Z",
    expiration_time="2026-11-29T10:05:00Z",
    uri="https://[2001:db8::1]:80/a?b#c",
    resources=["ipfs://a/%20"],
)


@given(
    st.integers(0, len(BASE)),
    st.integers(0, 3),
    st.text('\n\r :/[]%0aZé\u202e"<\\-', max_size=2),
)
@example(len(BASE), 0, "\n")
@example(0, 0, " ")
@example(BASE.index("\n\n"), 2, "\r\n")
def test_whatever_is_changed_is_judged_as_the_grammar_does(place: int, cut: int, put: str) -> None:
    text = BASE[:place] + put + BASE[place + cut :]
    assert (by_us(text) is not None) == by_the_book(text)


@pytest.mark.parametrize(
    "change",
    [
        {"version": "2"},
        {"version": "1.0"},
        {"nonce": "short12"},
        {"nonce": "with-dash1"},
        {"chain_id": "0x1"},
        {"chain_id": "\u0661"},
        {"address": "0x12"},
        {"address": "0x" + "g" * 40},
        {"issued_at": "2026-11-29"},
        {"issued_at": "2026-11-29 10:00:00Z"},
        {"issued_at": "2026-11-29T10:00:00"},
        {"issued_at": "2026-11-29T10:00Z"},
        {"statement": "two\nlines"},
        {"statement": "URI: https://evil.example.com\nVersion: 1"},
        {"statement": 'a "quote"'},
        {"uri": "no scheme"},
        {"uri": "https://[:::]/"},
        {"uri": "https://a/%zz"},
        {"request_id": "a b"},
        {"resources": ["no scheme"]},
        {"resources": ["https://[1.2.3]/"]},
    ],
)
def test_what_the_grammar_does_not_know_is_refused(change: dict[str, Any]) -> None:
    text = WALLET.message(**{"nonce": NONCE} | change)
    assert not by_the_book(text)
    assert by_us(text) is None


@pytest.mark.parametrize("moment", ["2026-02-30T10:00:00Z", "2026-11-29T24:01:00Z"])
def test_a_time_that_there_is_not_is_refused(moment: str) -> None:
    assert by_us(WALLET.message(NONCE, issued_at=moment)) is None


@pytest.mark.parametrize("line", ["Expiration Time", "Not Before", "Request ID", "Nonce"])
def test_a_line_that_comes_twice_or_late_is_refused(line: str) -> None:
    text = WALLET.message(NONCE, expiration_time="2026-11-29T10:00:00Z", request_id="x")
    assert by_us(f"{text}\n{line}: 2026-11-29T10:00:00Z") is None


def test_long_texts_are_refused_at_once() -> None:
    for filler in ("a", "a:", "%41", "[", "/", "a@", " "):
        for place in ("domain", "uri", "statement", "request_id"):
            by_us(WALLET.message(NONCE, **{place: filler * 1300})[:4000] + "\n!")
