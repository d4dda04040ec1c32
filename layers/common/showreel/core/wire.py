"""The one form of JSON: camelCase outside, snake_case inside, unknown fields ignored.

Where a document names fields in snake_case, a model says so: `ConfigDict(alias_generator=None)`.
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
    """Base of a body whose fields may be left out: `given` tells which it names."""

    model_config = ConfigDict(populate_by_name=False, frozen=True)

    def given(self) -> frozenset[str]:
        """Returns the fields that the body really names, in snake_case."""
        return frozenset(self.model_fields_set)


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
