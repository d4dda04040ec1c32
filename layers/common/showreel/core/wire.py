"""Base models of JSON bodies: camelCase outside, snake_case inside, unknown fields ignored.

A model whose documented fields are in snake_case sets `ConfigDict(alias_generator=None)`.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel

from showreel.core.models import FrozenModel


class Wire(BaseModel):
    """Base of what goes over the wire."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", defer_build=True
    )


class Body(Wire):
    """Base of a request body with optional fields; `given` returns those that were sent."""

    model_config = ConfigDict(populate_by_name=False, frozen=True)

    def given(self) -> frozenset[str]:
        """Returns the fields that were sent, in snake_case."""
        return frozenset(self.model_fields_set)


class OrderBody(FrozenModel):
    """Base of the body of an order. A null counts as not sent, so of a name and its alias the one
    with a value counts.
    """

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if value is not None}
