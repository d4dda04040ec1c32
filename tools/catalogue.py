"""The whole file of the catalogue, checked: functions look single models up and check those."""

from typing import Self

from pydantic import Field, model_validator

from showreel.catalog.catalogue import FILE
from showreel.catalog.fields import Fact, Form
from showreel.catalog.models import Economics, Model, Product


def catalogue_file() -> "CatalogueFile":
    """Reads and checks the whole file."""
    return CatalogueFile.model_validate_json(FILE.read_bytes())


class CatalogueFile(Fact):
    """The whole file. Ids are unique; every model and every form that is named exists.

    `defaults` has the models that stand in for others of a workflow, the first being preferred
    unless another one is of the same provider.
    """

    economics: Economics
    products: dict[str, Product] = Field(default_factory=dict)
    defaults: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    forms: dict[str, Form]
    models: tuple[Model, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [model.id for model in self.models]
        if len(ids) != len(set(ids)):
            raise ValueError("a model id occurs twice")
        if unknown := self._named() - set(ids) - {None}:
            raise ValueError(f"unknown models: {sorted(map(str, unknown))}")
        if unknown_forms := {model.form for model in self.models} ^ set(self.forms):
            raise ValueError(f"forms that are missing or without use: {sorted(unknown_forms)}")
        return self

    def _named(self) -> set[str | None]:
        named = {m.lifecycle.replaced_by for m in self.models}
        named |= {m.binding.makes for m in self.models}
        named |= self.economics.documented
        named |= {exception.model for exception in self.economics.below_floor}
        named |= {model for models in self.defaults.values() for model in models}
        for product in self.products.values():
            named |= {product.default_model, *product.models}
            named |= {model for models in product.video_types.values() for model in models}
        return named
