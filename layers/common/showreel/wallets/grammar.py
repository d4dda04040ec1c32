"""The grammar of a sign-in message: EIP-4361's ABNF, with RFC 3986's and RFC 3339's rules, as one
regular expression (https://eips.ethereum.org/EIPS/eip-4361).

Rules are named as there. What a regular expression can't check, IPv6 addresses and existing dates,
is checked where the message is parsed.
"""

import re

UNRESERVED = r"[A-Za-z0-9\-._~]"
SUB_DELIMS = r"[!$&'()*+,;=]"
PCT_ENCODED = r"%[0-9A-Fa-f]{2}"
SCHEME = r"[A-Za-z][A-Za-z0-9+\-.]*"
PCHAR = rf"(?:{UNRESERVED}|{SUB_DELIMS}|[:@]|{PCT_ENCODED})"
USERINFO = rf"(?:{UNRESERVED}|{SUB_DELIMS}|:|{PCT_ENCODED})*"
IP_LITERAL = rf"\[(?:[0-9A-Fa-f:.]+|[Vv][0-9A-Fa-f]+\.(?:{UNRESERVED}|{SUB_DELIMS}|:)+)\]"
REG_NAME = rf"(?:{UNRESERVED}|{SUB_DELIMS}|{PCT_ENCODED})*"
AUTHORITY = rf"(?:{USERINFO}@)?(?:{IP_LITERAL}|{REG_NAME})(?::[0-9]*)?"
PATH_ABEMPTY = rf"(?:/{PCHAR}*)*"
PATH_ROOTLESS = rf"{PCHAR}+{PATH_ABEMPTY}"
HIER_PART = rf"(?://{AUTHORITY}{PATH_ABEMPTY}|/(?:{PATH_ROOTLESS})?|(?:{PATH_ROOTLESS})?)"
TAIL = rf"(?:{PCHAR}|[/?])*"
URI = rf"{SCHEME}:{HIER_PART}(?:\?{TAIL})?(?:\#{TAIL})?"
TIME_OF_DAY = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
DATE_TIME = rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[Tt]{TIME_OF_DAY}(?:[Zz]|[+-][0-9]{{2}}:[0-9]{{2}})"
STATEMENT = r"[A-Za-z0-9\-._~:/?\#\[\]@!$&'()*+,;= ]*"

INTRODUCTION = " wants you to sign in with your Ethereum account:"
MESSAGE = re.compile(
    rf"(?:(?P<scheme>{SCHEME})://)?(?P<domain>{AUTHORITY}){re.escape(INTRODUCTION)}\n"
    rf"(?P<address>0[xX][0-9A-Fa-f]{{40}})\n"
    rf"\n"
    rf"(?:(?P<statement>{STATEMENT})\n)?"
    rf"\n"
    rf"URI: (?P<uri>{URI})\n"
    rf"Version: (?P<version>1)\n"
    rf"Chain ID: (?P<chain_id>[0-9]+)\n"
    rf"Nonce: (?P<nonce>[A-Za-z0-9]{{8,}})\n"
    rf"Issued At: (?P<issued_at>{DATE_TIME})"
    rf"(?:\nExpiration Time: (?P<expiration_time>{DATE_TIME}))?"
    rf"(?:\nNot Before: (?P<not_before>{DATE_TIME}))?"
    rf"(?:\nRequest ID: (?P<request_id>{PCHAR}*))?"
    rf"(?:\nResources:(?P<resources>(?:\n- {URI})*))?"
)
