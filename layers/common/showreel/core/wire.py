"""The one form of JSON: camelCase outside, snake_case inside, unknown fields ignored."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel

from showreel.core.models import FrozenModel


class Wire(BaseModel):
    """Base of what goes over the wire."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", defer_build=True
    )


class OrderBody(FrozenModel):
    """Base of an order under documented names. A field sent as null counts as not sent: of a name
    and its alias the one that has a value counts.
    """

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if value is not None}
