"""What all parts of the catalogue's file have in common."""

from pydantic import BaseModel, ConfigDict


class Fact(BaseModel):
    """Never changed, and without a field that the schema doesn't know."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
