"""The environment as validated settings, one mixin per capability.

A function composes what it needs (`class Settings(JobsTable, MediaBucket): ...`) and calls
`settings(Settings)`. A missing variable fails the cold start with its name; nothing has a default
name. Only this module reads the environment.

Not pydantic's: making and building 30 models took 5 % of every cold start.
"""

import functools
import os
from collections.abc import Callable
from typing import Any


class SettingsError(RuntimeError):
    """The environment lacks a variable or has a bad value."""


class Variable[T]:
    """A variable: how its text is read, and what holds without one (None: it is required)."""

    name: str

    def __init__(self, read: Callable[[str], T], default: T | None = None) -> None:
        self.read, self.default = read, default

    def __set_name__(self, _owner: type, name: str) -> None:
        self.name = name

    def __get__(self, _instance: object, _owner: type) -> T:
        """Reads it. Raises ValueError for a bad value, and for none if it is required."""
        given = os.environ.get(self.name.upper())
        if given is None and self.default is not None:
            return self.default
        if given is None:
            raise ValueError
        return self.read(given)


def text(*, min_length: int = 0, default: str | None = None) -> Variable[str]:
    """A text of at least so many characters."""

    def read(given: str) -> str:
        if len(given) < min_length:
            raise ValueError
        return given

    return Variable(read, default)


def choice(*options: str) -> Variable[str]:
    """One of the options."""
    return Variable(lambda given: options[options.index(given)])


def integer(*, ge: int, le: int | None = None, default: int | None = None) -> Variable[int]:
    """An integer within bounds."""

    def read(given: str) -> int:
        number = int(given)
        if number < ge or (le is not None and number > le):
            raise ValueError
        return number

    return Variable(read, default)


def switch() -> Variable[bool]:
    """Whether something is on; off without the variable."""
    return Variable(lambda given: ("false", "true").index(given.lower()) == 1, default=False)


class Environment:
    """Base of all settings. The variables' names are those of the fields in upper case."""

    @classmethod
    def variables(cls) -> dict[str, Variable[Any]]:
        """Returns its own variables and its mixins', by the name of the field."""
        owners = reversed(cls.__mro__)
        fields = (field for owner in owners for field in vars(owner).items())
        return {name: field for name, field in fields if isinstance(field, Variable)}


class JobsTable(Environment):
    """Generation jobs."""

    jobs_table = text(min_length=3)


class CreditsTable(Environment):
    """The ledger."""

    credits_table = text(min_length=3)


class StudioTable(Environment):
    """Projects, clips and what belongs to them."""

    studio_table = text(min_length=3)


class RunsTable(Environment):
    """Runs and their events."""

    runs_table = text(min_length=3)


class IdentityTable(Environment):
    """Users, workspaces, members."""

    identity_table = text(min_length=3)


class IdempotencyTable(Environment):
    """First answers by idempotency key."""

    idempotency_table = text(min_length=3)


class MediaBucket(Environment):
    """The one bucket of pictures, sound and video."""

    media_bucket = text(min_length=3)


class GenerationMachine(Environment):
    """Name of the state machine that runs one generation job."""

    generation_state_machine = text(min_length=3)


class VideoPipelineMachine(Environment):
    """Name of the state machine that makes one film."""

    video_pipeline_state_machine = text(min_length=3)


class Auth(Environment):
    """How callers are verified. An empty JWKS URL means the shared secret."""

    auth_secret_arn = text(min_length=10)
    jwt_issuer = text(min_length=1)
    jwt_audience = text(min_length=1)
    jwks_url = text(default="")
    allowed_origin = text(default="*")


class RunTokens(Environment):
    """The key that signs tokens of runs; a secret of its own, that no operator writes."""

    run_token_secret_arn = text(min_length=10)


class PublicUrl(Environment):
    """Base of every URL we hand out; empty means the request's own domain and stage."""

    public_base_url = text(default="")


class ProviderSecret(Environment):
    """Our keys at the vendors."""

    provider_secret_arn = text(min_length=10)


class Providers(ProviderSecret):
    """Where the vendors are and which extra origins may serve their results."""

    kling_base_url = text(min_length=8)
    replicate_base_url = text(min_length=8)
    google_base_url = text(min_length=8)
    fal_queue_url = text(min_length=8)
    fal_keys_url = text(min_length=8)
    """Where fal publishes the keys that sign its webhooks."""
    gmi_base_url = text(min_length=8)
    gmi_chat_base_url = text(min_length=8)
    groq_base_url = text(min_length=8)
    elevenlabs_base_url = text(min_length=8)
    result_origins = text(default="")
    """Comma-separated `scheme://host:port`; exempts just these from the address check."""


class ModelBindings(Environment):
    """Where an operator rebinds models. Empty means the catalogue's own bindings."""

    model_bindings_parameter = text(default="")
    """Name of an SSM parameter: a JSON object from public model id to binding."""


class Polling(Environment):
    """How often vendors are asked."""

    poll_seconds = integer(ge=1, le=60, default=5)
    """Before the first question; the waits grow from there to 60."""
    webhook_poll_seconds = integer(ge=1, le=60, default=60)
    """The same for a film's piece whose vendor sends webhooks, until one came."""


class SingleVideos(Environment):
    """How the endpoints that sell single videos treat time and money."""

    sync_window_seconds = integer(ge=0, le=280)
    """How long a request waits for its video before it answers with the job's id. API Gateway ends
    a stream that is silent for 5 minutes.
    """
    generation_timeout_seconds = integer(ge=1)
    """Until when a vendor must have delivered."""
    late_result_seconds = integer(ge=0)
    """How long after that a result still counts, if the vendor couldn't be stopped."""
    failed_generation_policy = choice("charge", "void")
    """Whether a job that a vendor accepted and then failed stays paid."""


class Streams(Environment):
    """How long one response lasts that only tells of work done elsewhere."""

    stream_seconds = integer(ge=1, le=280)
    """After it the client comes back with `Last-Event-ID`. An abandoned stream lasts as long."""


class FilmLimits(Environment):
    """How much runs at once."""

    clip_concurrency = integer(ge=1, le=40)
    runs_per_workspace = integer(ge=1)
    runs_global = integer(ge=1)


class ProviderSwitches(Environment):
    """Which vendors an operator has switched off."""

    disabled_providers = text(default="")
    """Comma-separated provider names that take no new jobs."""


class Spending(Environment):
    """Money switches that an operator sets."""

    daily_spend_cap_credits = integer(ge=0, default=0)
    """Per workspace; 0 means no cap."""


class Local(Environment):
    """True under `sam local`, which can't stream. The one place where the environment shows."""

    aws_sam_local = switch()


class LambdaRuntime(Local):
    """What Lambda tells the runtime loop of a streaming function."""

    aws_lambda_runtime_api = text(min_length=3)
    aws_lambda_function_name = text(default="")
    aws_lambda_function_version = text(default="$LATEST")
    aws_lambda_function_memory_size = text(default="128")
    aws_lambda_log_group_name = text(default="")
    aws_lambda_log_stream_name = text(default="")


@functools.cache
def settings[SettingsT: Environment](kind: type[SettingsT]) -> SettingsT:
    """Returns the environment as `kind`, validated once per process. Raises SettingsError."""
    made, bad = kind(), []
    for name, variable in kind.variables().items():
        try:
            vars(made)[name] = variable.__get__(made, kind)
        except ValueError:
            bad.append(name.upper())
    if bad:
        raise SettingsError(f"environment: {', '.join(bad)} missing or invalid")
    return made
