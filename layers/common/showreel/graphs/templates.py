"""Templates: `{{ name }}` stands for the texts at the handle `name`, or for `params.inputs.name`.

A template is parsed once, when the graph is checked. Texts that fill it are never parsed, such as
those that a model wrote.
"""

import re
from collections.abc import Mapping, Sequence

from showreel.core.errors import InvalidInput
from showreel.graphs.kinds import squashed
from showreel.graphs.models import Part

NAME = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_-]{0,63})\s*\}\}")
MAX_PARTS = 1_000
MAX_TEXT_CHARS = 100_000


class TemplateError(ValueError):
    """A template can't be filled; `code` says why, the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def names_in(text: str) -> list[str]:
    """Returns the names that a text contains, each once, in order."""
    return list(dict.fromkeys(NAME.findall(text)))


def parts_of(
    text: str, values: Mapping[str, str], handles: Mapping[str, str], within: Sequence[str] = ()
) -> tuple[Part, ...]:
    """Returns the text in parts: names in `values` are filled in, those in `handles` are left.

    Both have `squashed` names as keys; `handles` maps them to the handles' own. `within` has the
    names whose values contain the text. Raises TemplateError `template_cycle`, `template_unknown`,
    `text_too_long`.
    """
    parts: list[Part] = []
    for place, piece in enumerate(NAME.split(text)):
        if place % 2 == 0:
            parts += [Part(text=piece)] if piece else []
            continue
        name = squashed(piece)
        if name in handles:
            parts.append(Part(handle=handles[name]))
        elif name in within:
            path = " → ".join([*within[within.index(name) :], name])
            raise TemplateError("template_cycle", f"the template names itself: {path}")
        elif name in values:
            parts += parts_of(values[name], values, handles, (*within, name))
        else:
            raise TemplateError("template_unknown", f"nothing is connected to `{piece}`")
        _bounded(parts)
    return tuple(parts)


def _bounded(parts: Sequence[Part]) -> None:
    """Raises TemplateError `text_too_long`: nested values could grow without bound."""
    if len(parts) > MAX_PARTS or sum(len(part.text or "") for part in parts) > MAX_TEXT_CHARS:
        raise TemplateError("text_too_long", f"the text has more than {MAX_TEXT_CHARS} characters")


def fill(parts: Sequence[Part], texts: Mapping[str, Sequence[str]]) -> str:
    """Returns the text, filled with those of the handles. Raises InvalidInput `text_too_long`."""
    pieces = [
        part.text if part.text is not None else "\n".join(texts.get(part.handle or "", ()))
        for part in parts
    ]
    if sum(map(len, pieces)) > MAX_TEXT_CHARS:
        message = f"A text has more than {MAX_TEXT_CHARS} characters"
        raise InvalidInput(message, code="text_too_long")
    return "".join(pieces)
