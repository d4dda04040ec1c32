"""The models of the text endpoints, by the names that clients use."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from showreel.catalog import Model, find_model, get_model, list_ids
from showreel.catalog.catalogue import default_models
from showreel.core.errors import InvalidInput


@dataclass(frozen=True)
class TextModels:
    """The models that an endpoint sells, and where a name that isn't one of them may belong."""

    sells: Callable[[Model], bool]
    prefixes: tuple[str, ...]
    strips: tuple[str, ...] = ()

    def model(self, name: str | None) -> Model:
        """Returns the model of that name, else the default. Raises InvalidInput `unknown_model`."""
        if name is None:
            return next(filter(self._has, default_models("text-to-text")))
        for model in filter(None, map(find_model, self._spellings(name))):
            if self._has(model):
                return model
        valid = ", ".join(self._ids())
        message = f"Unknown model. Valid: {valid}"
        raise InvalidInput(message, code="unknown_model", field="model")

    def _spellings(self, name: str) -> Iterable[str]:
        for strip in ("", *self.strips):
            bare = name.removeprefix(strip)
            yield from (bare, *(prefix + bare for prefix in self.prefixes))
        vendor, _, model = name.rpartition("/")
        at_gmi = f"gmi/{vendor or 'openai'}-{model}"
        yield from (at_gmi, at_gmi.replace(".", "-"))

    def _has(self, model: Model) -> bool:
        return model.media_type == "text" and self.sells(model)

    def _ids(self) -> list[str]:
        """Returns the ids of this endpoint's models that aren't retired."""
        return [model_id for model_id in list_ids("text") if self.sells(get_model(model_id))]


AT_GMI = "gmi/openai-gpt-"
"""The prefix of OpenAI's models at GMI Cloud: `openai/gpt-5.4` is `gmi/openai-gpt-5-4` there."""
GEMINI = TextModels(
    lambda model: model.id.startswith(("google/", "openai/", AT_GMI)), ("google/", "openai/")
)
GROQ = TextModels(lambda model: model.binding.provider == "groq", ("openai/",), ("groq/",))
"""All models whose catalogue entry names Groq, whatever binding an operator has set."""
