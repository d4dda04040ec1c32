"""Types of request fields that several endpoints share; all of them bounded."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from showreel.core.text import plain_line, plain_text

Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(plain_line)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=80), AfterValidator(plain_line)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(plain_text)]
Prompt = Annotated[
    str, StringConstraints(min_length=1, max_length=2500), AfterValidator(plain_text)
]
MediaUrl = Annotated[str, StringConstraints(min_length=1, max_length=2048)]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,119}$")]
UserId = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=255)] | None,
    Field(description="for whom a service acts"),
]
