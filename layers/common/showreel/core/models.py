"""The base of models that don't change once they are made."""

from pydantic import BaseModel, ConfigDict


class FrozenModel(BaseModel):
    """Can't be changed; ignores unknown fields. Its validator is built when it is first used."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)
