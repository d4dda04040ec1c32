"""The environment variables as validated settings, one mixin per capability.

A function composes what it needs (`class Settings(JobsTable, MediaBucket): ...`) and calls
`settings(Settings)`. A missing variable fails the cold start with its name; nothing has a default
name. Only this module reads the environment. Pydantic's models of it took 4 % of a cold start.
"""

import functools
import os
from collections.abc import Callable
from typing import Any


class SettingsError(RuntimeError):
    """The environment lacks a variable or has a bad value."""


class Variable[T]:
    """A variable that `read` parses. `ge` and `le` bound a number, or the length of a text."""

    def __init__(
        self, read: Callable[[str], T], ge: int = 0, le: float = 1e18, default: T | None = None
    ) -> None:
        self._read, self._ge, self._le, self._default = read, ge, le, default

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name.upper()

    def __get__(self, _instance: object, _owner: type) -> T:
        """Reads the variable. Raises LookupError if it is missing, ValueError for a bad value."""
        if self._default is not None and self._name not in os.environ:
            return self._default
        value: Any = self._read(os.environ[self._name])
        if not self._ge <= (len(value) if isinstance(value, str) else value) <= self._le:
            raise ValueError
        return value  # type: ignore[no-any-return]


class Environment:
    """Base of all settings. Field names in upper case are the variables' names."""

    @classmethod
    def variables(cls) -> dict[str, Variable[Any]]:
        """Returns its own variables and its mixins', by the name of the field."""
        fields = (field for owner in reversed(cls.__mro__) for field in vars(owner).items())
        return {name: field for name, field in fields if isinstance(field, Variable)}


class JobsTable(Environment):
    """Generation jobs."""

    jobs_table = Variable(str, ge=3)


class CreditsTable(Environment):
    """The ledger."""

    credits_table = Variable(str, ge=3)


class StudioTable(Environment):
    """Projects, clips and what belongs to them."""

    studio_table = Variable(str, ge=3)


class RunsTable(Environment):
    """Runs and their events."""

    runs_table = Variable(str, ge=3)


class IdentityTable(Environment):
    """Users, workspaces, members."""

    identity_table = Variable(str, ge=3)


class WebhooksTable(Environment):
    """Workspaces' webhooks and their deliveries."""

    webhooks_table = Variable(str, ge=3)


class WebhookQueue(Environment):
    """The queue of events to deliver to webhooks."""

    webhook_queue_url = Variable(str, ge=10)


class FailedEvents(Environment):
    """The queue of failed events, for an operator to look at."""

    failed_events_url = Variable(str, ge=10)


class WebhookSecret(Environment):
    """The key that webhooks' secrets are made from."""

    webhook_secret_arn = Variable(str, ge=10)


class WebhookOrigins(Environment):
    """Where webhooks may be sent besides public addresses."""

    webhook_origins = Variable(str, default="")
    """Comma-separated `scheme://host:port`, with `*` for any port."""


class IdempotencyTable(Environment):
    """First answers by idempotency key, and callers' rate limits."""

    idempotency_table = Variable(str, ge=3)


class OrderLimits(Environment):
    """How often one caller may order what costs money."""

    orders_per_minute = Variable(int, ge=0, le=60_000, default=0)
    """On average; 0 means no limit."""
    orders_at_once = Variable(int, ge=1, default=1)
    """The most in a burst."""


class MediaBucket(Environment):
    """The one bucket of pictures, sound and video."""

    media_bucket = Variable(str, ge=3)


class GenerationMachine(Environment):
    """Name of the state machine that runs one generation job."""

    generation_state_machine = Variable(str, ge=3)


class VideoPipelineMachine(Environment):
    """Name of the state machine that makes one film."""

    video_pipeline_state_machine = Variable(str, ge=3)


class DirectorCutMachine(Environment):
    """Name of the state machine that makes one export of a timeline."""

    director_cut_state_machine = Variable(str, ge=3)


class GenShotsMachine(Environment):
    """Name of the state machine that writes the shots of one scene."""

    gen_shots_state_machine = Variable(str, ge=3)


class ComputeGraphMachine(Environment):
    """Name of the state machine that runs one graph."""

    compute_graph_state_machine = Variable(str, ge=3)


class AutoGenerateMachine(Environment):
    """Name of the state machine that makes the pictures or videos of a storyboard."""

    auto_generate_state_machine = Variable(str, ge=3)


class Auth(Environment):
    """How callers are verified. An empty JWKS URL means the shared secret."""

    auth_secret_arn = Variable(str, ge=10)
    jwt_issuer = Variable(str, ge=1)
    jwt_audience = Variable(str, ge=1)
    jwks_url = Variable(str, default="")
    allowed_origin = Variable(str, default="*")


class WalletSignIn(Environment):
    """Who may sign in with a wallet, and what a new user is given."""

    wallet_chain_ids = Variable(str, ge=1)
    """Comma-separated: the chains whose ids a message may name."""
    wallet_domains = Variable(str, default="")
    """Comma-separated `host[:port]` that a message may be for, besides the API's own."""
    wallet_legacy_messages = Variable({"true": True, "false": False}.__getitem__, default=False)
    """Whether messages with a time in place of a nonce are accepted."""
    wallet_sign_ins_per_minute = Variable(int, ge=0, le=60_000, default=0)
    """From one address; 0 means no limit."""
    welcome_credits = Variable(int, ge=0, default=0)
    """The first balance of a new user's workspace."""


class RunTokens(Environment):
    """The key that signs tokens of runs; a secret of its own, that no operator writes."""

    run_token_secret_arn = Variable(str, ge=10)


class PublicUrl(Environment):
    """Base of every URL we hand out; empty means the request's own domain and stage."""

    public_base_url = Variable(str, default="")


class ProviderSecret(Environment):
    """Our keys at the vendors."""

    provider_secret_arn = Variable(str, ge=10)


class Providers(ProviderSecret):
    """The vendors' URLs, and which extra origins may serve their results."""

    kling_base_url = Variable(str, ge=8)
    replicate_base_url = Variable(str, ge=8)
    google_base_url = Variable(str, ge=8)
    fal_queue_url = Variable(str, ge=8)
    fal_keys_url = Variable(str, ge=8)
    """Where fal publishes the keys that sign its webhooks."""
    gmi_base_url = Variable(str, ge=8)
    gmi_chat_base_url = Variable(str, ge=8)
    groq_base_url = Variable(str, ge=8)
    elevenlabs_base_url = Variable(str, ge=8)
    result_origins = Variable(str, default="")
    """Comma-separated `scheme://host:port`; exempts just these from the address check."""


class OperatorCatalogue(Environment):
    """Where an operator overrides the catalogue. Empty means nowhere."""

    catalogue_parameter = Variable(str, default="")
    """Name of an SSM parameter, in the form of `catalog.operator.Overrides`."""


class Polling(Environment):
    """How often vendors are polled."""

    poll_seconds = Variable(int, ge=1, le=60, default=5)
    """The wait before the first poll; later ones grow to 60."""
    webhook_poll_seconds = Variable(int, ge=1, le=60, default=60)
    """The same for a film's piece whose vendor sends webhooks, until one has come."""


class GenerationTimes(Environment):
    """How long a vendor may take."""

    generation_timeout_seconds = Variable(int, ge=1)
    """The time from an order to its deadline."""
    late_result_seconds = Variable(int, ge=0)
    """How long after the deadline a result still counts, if the vendor couldn't be stopped."""


class SingleVideos(GenerationTimes):
    """How the endpoints that sell single videos treat time and money."""

    sync_window_seconds = Variable(int, ge=0, le=280)
    """How long a request waits for its video before it answers with the job's id. API Gateway ends
    a stream that is silent for 5 minutes.
    """
    failed_generation_policy = Variable({name: name for name in ("charge", "void")}.__getitem__)
    """Whether a job that a vendor accepted and then failed stays paid."""


class Streams(Environment):
    """How long one event stream lasts whose work is done elsewhere."""

    stream_seconds = Variable(int, ge=1, le=280)
    """Then the client reconnects with `Last-Event-ID`. An abandoned stream lasts as long."""


class FeatureFlags(Environment):
    """Features of clients that an operator switches on or off."""

    enable_shot_stream = Variable({"true": True, "false": False}.__getitem__)
    """Whether gen-shots is served; without it clients create shots one by one."""
    enable_stream_telemetry = Variable({"true": True, "false": False}.__getitem__)
    """Whether clients log how late a stream's events are."""


class FilmLimits(Environment):
    """How many films are made at once, and how many clips of each."""

    clip_concurrency = Variable(int, ge=1, le=40)
    runs_per_workspace = Variable(int, ge=1)
    runs_global = Variable(int, ge=1)


class CutLimits(Environment):
    """How many exports are made at once."""

    exports_per_workspace = Variable(int, ge=1)
    runs_global = Variable(int, ge=1)


class BatchLimits(Environment):
    """How many batches run at once, and how many shots of each."""

    image_concurrency = Variable(int, ge=1, le=8)
    video_concurrency = Variable(int, ge=1, le=8)
    """Shots of one run that are at the vendor at once."""
    batches_per_workspace = Variable(int, ge=1)
    runs_global = Variable(int, ge=1)


class GraphLimits(Environment):
    """How many graphs and nodes run at once, and how many days results are cached."""

    node_concurrency = Variable(int, ge=1, le=40)
    """Nodes of one run that run at once."""
    graphs_per_workspace = Variable(int, ge=1)
    runs_global = Variable(int, ge=1)
    graph_cache_days = Variable(int, ge=1, le=365)


class ProviderSwitches(Environment):
    """Which vendors an operator has switched off."""

    disabled_providers = Variable(str, default="")
    """Comma-separated provider names that take no new jobs."""


class Spending(Environment):
    """Money switches that an operator sets."""

    daily_spend_cap_credits = Variable(int, ge=0, default=0)
    """Per workspace; 0 means no cap."""


class Local(Environment):
    """Whether this is `sam local`, which can't stream; nothing else depends on where code runs."""

    aws_sam_local = Variable({"true": True, "false": False}.__getitem__, default=False)


class LambdaRuntime(Local):
    """The variables that Lambda sets, for the runtime loop of a streaming function."""

    aws_lambda_runtime_api = Variable(str, ge=3)
    aws_lambda_function_name = Variable(str, default="")
    aws_lambda_function_version = Variable(str, default="$LATEST")
    aws_lambda_function_memory_size = Variable(str, default="128")
    aws_lambda_log_group_name = Variable(str, default="")
    aws_lambda_log_stream_name = Variable(str, default="")


@functools.cache
def settings[SettingsT: Environment](kind: type[SettingsT]) -> SettingsT:
    """Returns the environment as `kind`, validated once per process. Raises SettingsError."""
    made, bad = kind(), []
    for name, variable in kind.variables().items():
        try:
            vars(made)[name] = variable.__get__(made, kind)
        except (LookupError, ValueError):
            bad.append(name.upper())
    if bad:
        raise SettingsError(f"environment: {', '.join(bad)} missing or invalid")
    return made
