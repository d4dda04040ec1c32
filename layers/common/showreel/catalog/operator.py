"""An operator's overrides of the catalogue: one SSM parameter, no deployment.

The parameter is read again every 5 minutes. A job that exists keeps its price and its hold; so does
a film whose run has begun.
"""

import functools

from pydantic import Field, ValidationError

from showreel.catalog.fields import Fact
from showreel.catalog.models import Binding
from showreel.core.errors import ProviderError
from showreel.core.secrets import parameter
from showreel.core.settings import OperatorCatalogue, settings


class OperatorPrice(Fact):
    """Credits for the units of the catalogue's price; with sound, if that costs more."""

    credits: int = Field(ge=1)
    credits_native_audio: int | None = Field(default=None, ge=1)


class Overrides(Fact):
    """Bindings and prices by public model id, and the floor's factor: price over cost."""

    bindings: dict[str, Binding] = Field(default_factory=dict)
    prices: dict[str, OperatorPrice] = Field(default_factory=dict)
    margin: float | None = Field(default=None, gt=0)


def overrides() -> Overrides:
    """Returns the overrides. Raises ProviderError for an invalid parameter, Transient for one that
    can't be read.
    """
    name = settings(OperatorCatalogue).catalogue_parameter
    return _parsed(parameter(name)) if name else Overrides()


@functools.lru_cache(maxsize=1)
def _parsed(text: str) -> Overrides:
    try:
        return Overrides.model_validate_json(text)
    except ValidationError as error:
        raise ProviderError("what the operator overrules is not valid") from error
