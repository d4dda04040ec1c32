"""The base of immutable models."""

from pydantic import BaseModel, ConfigDict


class FrozenModel(BaseModel):
    """An immutable model that ignores unknown fields. Its validator is built on first use."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)
