"""Converts plain values to DynamoDB's typed form and back.

boto3 has this too, behind an import of all of boto3. Numbers keep DynamoDB's 38 digits or raise.
Sets hold texts; binary values and other sets are not used here and raise TypeError.
"""

from collections.abc import Mapping
from decimal import Clamped, Context, Decimal, Inexact, Overflow, Rounded, Underflow
from typing import Any

NUMBERS = Context(
    prec=38, Emin=-128, Emax=126, traps=[Clamped, Inexact, Overflow, Rounded, Underflow]
)


def encode_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Encodes a row in DynamoDB's typed form. `None` attributes are left out, inner ones kept."""
    return {key: encode(value) for key, value in item.items() if value is not None}


def decode_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Decodes DynamoDB's typed form; whole numbers become `int`."""
    return {key: _decode(value) for key, value in item.items()}


def encode(value: Any) -> dict[str, Any]:
    """Returns one value in typed form. Raises TypeError for a type that has none."""
    kind, inner = _typed(value)
    return {kind: inner}


def _typed(value: Any) -> tuple[str, Any]:
    typed: tuple[str, Any] | None = None
    match value:
        case None:
            typed = "NULL", True
        case bool():
            typed = "BOOL", value
        case str():
            typed = "S", value
        case int() | float() | Decimal():
            typed = "N", _number(value)
        case Mapping():
            typed = "M", {key: encode(inner) for key, inner in value.items()}
        case list() | tuple():
            typed = "L", [encode(inner) for inner in value]
        case set() | frozenset() if all(isinstance(each, str) for each in value):
            typed = "SS", list(value)
    if typed is None:
        raise TypeError(f"{type(value).__name__} has no form in DynamoDB")
    return typed


def _number(value: float | Decimal) -> str:
    number = NUMBERS.create_decimal(repr(value) if isinstance(value, float) else value)
    if not number.is_finite():
        raise TypeError("DynamoDB's numbers are finite")
    return str(number)


def _decode(value: Mapping[str, Any]) -> Any:
    ((kind, inner),) = value.items()
    match kind:
        case "S" | "BOOL":
            return inner
        case "N":
            number = Decimal(inner)
            return int(number) if number == number.to_integral_value() else float(number)
        case "M":
            return decode_item(inner)
        case "L":
            return [_decode(each) for each in inner]
        case "SS":
            return set(inner)
        case "NULL":
            return None
    raise TypeError(f"DynamoDB's {kind} is not used here")
