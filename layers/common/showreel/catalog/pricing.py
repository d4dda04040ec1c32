"""What a generation costs. The price in the catalogue is the price debited."""

from dataclasses import dataclass

from showreel.catalog.models import Model
from showreel.core.errors import InvalidInput


@dataclass(frozen=True)
class Price:
    """Credits the user pays, and US cents the vendor charges us."""

    credits: int
    cost_cents: int


def price(
    model: Model,
    duration_seconds: int,
    *,
    native_audio: bool = False,
    base_is_least: bool = False,
) -> Price:
    """The price of one generation: pro rata over the priced length, rounded up.

    With `base_is_least` a shorter one costs what the priced length costs.
    """
    pricing = model.pricing
    amount = duration_seconds if pricing.unit == "second" else pricing.units
    charged = max(amount, pricing.units) if base_is_least else amount
    audio_cents = pricing.cost_cents_native_audio if native_audio else None
    cents = pricing.cost_cents if audio_cents is None else audio_cents
    return Price(
        credits=_pro_rata(pricing.credits, charged, pricing.units),
        cost_cents=_pro_rata(cents, amount, pricing.units),
    )


def _pro_rata(amount: int, units: int, per_units: int) -> int:
    return -(-amount * units // per_units)


def default_duration(model: Model) -> int:
    """The length that the price is for, in seconds."""
    return snap_duration(model, model.pricing.units)


def snap_duration(model: Model, wanted: float) -> int:
    """The model's length nearest to `wanted` seconds, the longer one if it is in the middle.

    Raises InvalidInput for a model that makes nothing of a length.
    """
    durations = model.capabilities.duration_seconds
    if durations is None:
        raise InvalidInput("This model has no duration", code="no_duration")
    return min(durations.choices(), key=lambda choice: (abs(choice - wanted), -choice))
