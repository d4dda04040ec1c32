"""An order of a text: the model, the conversation and the limits of the answer."""

from dataclasses import asdict, dataclass

from showreel.catalog import Model
from showreel.core.ids import digest_of
from showreel.providers.text import Message

MAX_OUTPUT_TOKENS = 2048
"""For a model without a limit in the catalogue."""


@dataclass(frozen=True)
class TextOrder:
    """An order of a text. `strict` forbids that another model answers."""

    model: Model
    messages: tuple[Message, ...]
    max_output_tokens: int
    temperature: float | None = None
    json_only: bool = False
    strict: bool = False

    @property
    def prompt(self) -> str:
        """The last message."""
        return self.messages[-1].content

    @property
    def prompt_chars(self) -> int:
        """The characters of the conversation without system messages."""
        return sum(len(m.content) for m in self.messages if m.role != "system")

    @property
    def digest(self) -> str:
        """The hash of the order's content."""
        messages = [asdict(message) for message in self.messages]
        limits = [self.max_output_tokens, self.temperature, self.json_only, self.strict]
        return digest_of([self.model.id, messages, *limits])


def fits(model: Model, order: TextOrder) -> bool:
    """Returns whether the model can answer an order for another model."""
    longest = model.capabilities.max_prompt_chars
    return model.media_type == "text" and (longest is None or order.prompt_chars <= longest)
