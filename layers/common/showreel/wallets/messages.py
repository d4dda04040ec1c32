"""Parses sign-in messages strictly, and checks their wallet, site, chain and time."""

import ipaddress
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from showreel.core.clock import now_seconds
from showreel.core.errors import InvalidInput, Unauthenticated
from showreel.core.settings import Auth, WalletSignIn, settings
from showreel.wallets.grammar import INTRODUCTION, MESSAGE

MAX_AGE_SECONDS = 600
LEEWAY_SECONDS = 60
"""How far the signer's clock may be ahead of ours."""
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
IPV6_LITERAL = re.compile(r"\[([0-9A-Fa-f:.]+)\]")


@dataclass(frozen=True)
class SignInMessage:
    """A parsed sign-in message. Times are seconds since 1970."""

    scheme: str | None
    domain: str
    address: str
    statement: str | None
    uri: str
    chain_id: str
    nonce: str
    issued_at: float
    expiration_time: float | None
    not_before: float | None
    request_id: str | None
    resources: tuple[str, ...]


def is_sign_in(text: str) -> bool:
    """Returns whether the text is meant as an EIP-4361 message, well-formed or not."""
    return INTRODUCTION in text


def parse(text: str) -> SignInMessage:
    """Parses a message. Raises InvalidInput `bad_message` for any other text."""
    found = MESSAGE.fullmatch(text)
    if found is None:
        raise _bad_message()
    fields = found.groupdict()
    resources = tuple((fields["resources"] or "").split("\n- ")[1:])
    _check_addresses(fields["domain"], fields["uri"], *resources)
    return SignInMessage(
        scheme=fields["scheme"],
        domain=fields["domain"],
        address=fields["address"],
        statement=fields["statement"],
        uri=fields["uri"],
        chain_id=fields["chain_id"],
        nonce=fields["nonce"],
        issued_at=_seconds(fields["issued_at"]),
        expiration_time=_seconds(fields["expiration_time"]) if fields["expiration_time"] else None,
        not_before=_seconds(fields["not_before"]) if fields["not_before"] else None,
        request_id=fields["request_id"],
        resources=resources,
    )


def check(message: SignInMessage, wallet_address: str, own_url: str) -> None:
    """Raises InvalidInput for another wallet's message, Unauthenticated for another site, chain or
    time.
    """
    if message.address.lower() != wallet_address.lower():
        raise InvalidInput(
            "The message is of another address", code="wrong_address", field="walletAddress"
        )
    _check_site(message, own_url)
    if message.chain_id not in settings(WalletSignIn).wallet_chain_ids.split(","):
        raise Unauthenticated("Chain ID is none that is taken here", code="wrong_chain")
    _check_time(message)


def _check_site(message: SignInMessage, own_url: str) -> None:
    domain, uri = message.domain.lower(), urlsplit(message.uri)
    if domain not in _domains(own_url):
        raise Unauthenticated("The message is for another domain", code="wrong_domain")
    own_host = urlsplit(own_url).netloc.lower()
    if uri.netloc.lower() not in {domain, own_host}:
        raise Unauthenticated("The URI is of another domain", code="wrong_uri")
    host = domain.rpartition(":")[0] if re.search(r":[0-9]*\Z", domain) else domain
    schemes = {"https", "http"} if host in LOCAL_HOSTS else {"https"}
    if {uri.scheme.lower(), (message.scheme or "https").lower()} - schemes:
        raise Unauthenticated("The URI must begin with https:", code="wrong_uri")


def _domains(own_url: str) -> set[str]:
    """Returns the sites that a message may be for: those an operator names, else the allowed
    origin's; and the API's own.
    """
    listed = settings(WalletSignIn).wallet_domains.lower().split(",")
    origin = urlsplit(settings(Auth).allowed_origin.lower()).netloc
    chosen = {name.strip() for name in listed} - {""} or {origin} - {""}
    return chosen | {urlsplit(own_url).netloc.lower()}


def _check_time(message: SignInMessage) -> None:
    now = now_seconds()
    if message.issued_at > now + LEEWAY_SECONDS:
        raise Unauthenticated("Issued At is in the future; is the clock right?", code="not_yet")
    if message.issued_at < now - MAX_AGE_SECONDS:
        raise Unauthenticated("The message is older than ten minutes", code="message_expired")
    if message.expiration_time is not None and message.expiration_time <= now:
        raise Unauthenticated("Expiration Time has passed", code="message_expired")
    if message.not_before is not None and message.not_before > now + LEEWAY_SECONDS:
        raise Unauthenticated("Not Before has not come yet", code="not_yet")


def _check_addresses(*texts: str) -> None:
    """Raises InvalidInput for brackets that hold no IPv6 address."""
    try:
        for text in texts:
            for address in IPV6_LITERAL.findall(text):
                ipaddress.IPv6Address(address)
    except ValueError as error:
        raise _bad_message() from error


def _seconds(moment: str) -> float:
    """Returns seconds since 1970. Raises InvalidInput for a date or time that doesn't exist."""
    try:
        return datetime.fromisoformat(moment.upper()).astimezone(UTC).timestamp()
    except (ValueError, OverflowError) as error:
        raise _bad_message() from error


def _bad_message() -> InvalidInput:
    return InvalidInput(
        "The message is not one of EIP-4361, version 1", code="bad_message", field="message"
    )
