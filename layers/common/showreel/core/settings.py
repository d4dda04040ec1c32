"""The environment as validated models, one mixin per capability.

A function composes what it needs (`class Settings(JobsTable, MediaBucket): ...`) and calls
`settings(Settings)`. A missing variable fails the cold start with its name; nothing has a default
name. Only this module reads the environment.
"""

import functools
import os
from typing import Literal

from pydantic import Field, ValidationError

from showreel.core.models import FrozenModel


class SettingsError(RuntimeError):
    """The environment lacks a variable or has a bad value."""


class Environment(FrozenModel):
    """Base of all settings. Field names in upper case are the variables' names."""


class JobsTable(Environment):
    """Generation jobs."""

    jobs_table: str = Field(min_length=3)


class CreditsTable(Environment):
    """The ledger."""

    credits_table: str = Field(min_length=3)


class StudioTable(Environment):
    """Projects, clips and what belongs to them."""

    studio_table: str = Field(min_length=3)


class RunsTable(Environment):
    """Runs and their events."""

    runs_table: str = Field(min_length=3)


class IdentityTable(Environment):
    """Users, workspaces, members."""

    identity_table: str = Field(min_length=3)


class IdempotencyTable(Environment):
    """First answers by idempotency key."""

    idempotency_table: str = Field(min_length=3)


class MediaBucket(Environment):
    """The one bucket of pictures, sound and video."""

    media_bucket: str = Field(min_length=3)


class GenerationMachine(Environment):
    """Name of the state machine that runs one generation job."""

    generation_state_machine: str = Field(min_length=3)


class VideoPipelineMachine(Environment):
    """Name of the state machine that makes one film."""

    video_pipeline_state_machine: str = Field(min_length=3)


class Auth(Environment):
    """How callers are verified. An empty JWKS URL means the shared secret."""

    auth_secret_arn: str = Field(min_length=10)
    jwt_issuer: str = Field(min_length=1)
    jwt_audience: str = Field(min_length=1)
    jwks_url: str = ""
    allowed_origin: str = "*"


class RunTokens(Environment):
    """The key that signs tokens of runs; a secret of its own, that no operator writes."""

    run_token_secret_arn: str = Field(min_length=10)


class PublicUrl(Environment):
    """Base of every URL we hand out; empty means the request's own domain and stage."""

    public_base_url: str = ""


class ProviderSecret(Environment):
    """Our keys at the vendors."""

    provider_secret_arn: str = Field(min_length=10)


class Providers(ProviderSecret):
    """Where the vendors are and which extra origins may serve their results."""

    kling_base_url: str = Field(min_length=8)
    replicate_base_url: str = Field(min_length=8)
    google_base_url: str = Field(min_length=8)
    fal_queue_url: str = Field(min_length=8)
    fal_keys_url: str = Field(min_length=8)
    """Where fal publishes the keys that sign its webhooks."""
    gmi_base_url: str = Field(min_length=8)
    gmi_chat_base_url: str = Field(min_length=8)
    groq_base_url: str = Field(min_length=8)
    elevenlabs_base_url: str = Field(min_length=8)
    result_origins: str = ""
    """Comma-separated `scheme://host:port`; exempts just these from the address check."""


class ModelBindings(Environment):
    """Where an operator rebinds models. Empty means the catalogue's own bindings."""

    model_bindings_parameter: str = ""
    """Name of an SSM parameter: a JSON object from public model id to binding."""


class Polling(Environment):
    """How often vendors are asked."""

    poll_seconds: int = Field(default=5, ge=1, le=60)
    """Before the first question; the waits grow from there to 60."""
    webhook_poll_seconds: int = Field(default=60, ge=1, le=60)
    """The same for a film's piece whose vendor sends webhooks, until one came."""


class SingleVideos(Environment):
    """How the endpoints that sell single videos treat time and money."""

    sync_window_seconds: int = Field(ge=0, le=280)
    """How long a request waits for its video before it answers with the job's id. API Gateway ends
    a stream that is silent for 5 minutes.
    """
    generation_timeout_seconds: int = Field(ge=1)
    """Until when a vendor must have delivered."""
    late_result_seconds: int = Field(ge=0)
    """How long after that a result still counts, if the vendor couldn't be stopped."""
    failed_generation_policy: Literal["charge", "void"]
    """Whether a job that a vendor accepted and then failed stays paid."""


class Streams(Environment):
    """How long one response lasts that only tells of work done elsewhere."""

    stream_seconds: int = Field(ge=1, le=280)
    """After it the client comes back with `Last-Event-ID`. An abandoned stream lasts as long."""


class FilmLimits(Environment):
    """How much runs at once."""

    clip_concurrency: int = Field(ge=1, le=40)
    runs_per_workspace: int = Field(ge=1)
    runs_global: int = Field(ge=1)


class ProviderSwitches(Environment):
    """Which vendors an operator has switched off."""

    disabled_providers: str = ""
    """Comma-separated provider names that take no new jobs."""


class Spending(Environment):
    """Money switches that an operator sets."""

    daily_spend_cap_credits: int = Field(default=0, ge=0)
    """Per workspace; 0 means no cap."""


class Local(Environment):
    """True under `sam local`, which can't stream. The one place where the environment shows."""

    aws_sam_local: bool = False


class LambdaRuntime(Local):
    """What Lambda tells the runtime loop of a streaming function."""

    aws_lambda_runtime_api: str = Field(min_length=3)
    aws_lambda_function_name: str = ""
    aws_lambda_function_version: str = "$LATEST"
    aws_lambda_function_memory_size: str = "128"
    aws_lambda_log_group_name: str = ""
    aws_lambda_log_stream_name: str = ""


@functools.cache
def settings[SettingsT: Environment](kind: type[SettingsT]) -> SettingsT:
    """Returns the environment as `kind`, validated once per process. Raises SettingsError."""
    present = {
        name: os.environ[name.upper()] for name in kind.model_fields if name.upper() in os.environ
    }
    try:
        return kind.model_validate(present)
    except ValidationError as error:
        names = ", ".join(str(fault["loc"][0]).upper() for fault in error.errors())
        raise SettingsError(f"environment: {names} missing or invalid") from error
