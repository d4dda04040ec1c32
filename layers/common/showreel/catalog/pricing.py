"""Prices of generations. The price in the catalogue, or the operator's, is the price debited."""

import math
from dataclasses import dataclass
from decimal import Decimal

from showreel.catalog.catalogue import economics
from showreel.catalog.models import Model
from showreel.catalog.operator import overrides
from showreel.core.errors import InvalidInput

USUAL_SECONDS = 5
"""The default length of a clip whose price isn't per second or minute."""


@dataclass(frozen=True)
class Price:
    """Credits the user pays, and whole US cents the vendor charges us."""

    credits: int
    cost_cents: int


def price(
    model: Model,
    duration_seconds: float | None = None,
    *,
    count: int = 1,
    characters: int | None = None,
    native_audio: bool = False,
    base_is_least: bool = False,
) -> Price:
    """Returns the price of a generation: pro rata by the catalogue's units, rounded up, at least 1.

    Without a length or number of characters it is that of the catalogue's units. With
    `base_is_least` fewer units cost as much. `count` is the number of pictures or requests.
    """
    units = quantity(model, duration_seconds, count=count, characters=characters)
    charged = max(units, Decimal(model.pricing.units)) if base_is_least else units
    whole = credits_of(model, native_audio=native_audio)
    return Price(
        credits=max(1, math.ceil(whole * charged / model.pricing.units)),
        cost_cents=math.ceil(cost(model, units, native_audio=native_audio)),
    )


def credits_of(model: Model, *, native_audio: bool = False) -> int:
    """Returns what the catalogue's units cost a user, in credits: the operator's price if there is
    one, else the catalogue's, raised to the operator's floor unless a document prints it.
    """
    operator = overrides()
    listed = operator.prices.get(model.id, model.pricing)
    sounding = listed.credits_native_audio if native_audio else None
    credit_count = sounding or listed.credits
    if model.id in operator.prices or operator.margin is None or model.id in economics().documented:
        return credit_count
    has_sound = native_audio or listed.credits_native_audio is None
    spent = cost(model, Decimal(model.pricing.units), native_audio=has_sound)
    floor = float(spent) * operator.margin / economics().credit_value_cents
    return max(credit_count, math.ceil(floor))


def quantity(
    model: Model,
    duration_seconds: float | None = None,
    *,
    count: int = 1,
    characters: int | None = None,
) -> Decimal:
    """Returns the size of a generation in its price's unit."""
    pricing = model.pricing
    if pricing.unit == "second" and duration_seconds is not None:
        return Decimal(str(duration_seconds)) * count
    if pricing.unit == "minute" and duration_seconds is not None:
        return Decimal(str(duration_seconds)) / 60 * count
    if pricing.unit == "1k_characters" and characters is not None:
        return Decimal(characters) / 1000
    return Decimal(pricing.units * count)


def cost(model: Model, units: Decimal, *, native_audio: bool = False) -> Decimal:
    """Returns what the units cost us, in US cents and fractions of them."""
    pricing = model.pricing
    audio_cents = pricing.cost_cents_native_audio if native_audio else None
    cents = pricing.cost_cents if audio_cents is None else audio_cents
    return cents * units / pricing.units


def default_duration(model: Model) -> int:
    """Returns the length that the catalogue's price is for, in seconds."""
    seconds = {"second": model.pricing.units, "minute": 60 * model.pricing.units}
    return snap_duration(model, seconds.get(model.pricing.unit, USUAL_SECONDS))


def snap_duration(model: Model, wanted: float) -> int:
    """Returns the model's length nearest to `wanted`, the longer of two. Raises InvalidInput."""
    durations = model.capabilities.duration_seconds
    if durations is None:
        raise InvalidInput("This model has no duration", code="no_duration", field="duration")
    return min(durations.choices(), key=lambda choice: (abs(choice - wanted), -choice))
