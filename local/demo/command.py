"""Makes the film that is asked for on a stack that is starting, and says what it cost."""

import functools
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import httpx

from local.demo.options import Options, UsageError, from_environment
from local.demo.photos import Photo, choose
from local.demo.production import Production
from local.demo.stage import StageError, StartingStack
from local.demo.status import INTERRUPTED_STATUS, USAGE_STATUS, complain
from local.demo.story.options import from_environment as story_options
from local.demo.story.options import is_story
from local.demo.studio_client import ApiError, StudioClient
from local.demo.summary import Money, dollars, summary


def run(stack: StartingStack) -> int:
    """Returns 0 for a finished film, 1 for none, 2 for bad use, 130 for Ctrl-C."""
    try:
        make = _asked()
    except UsageError as error:
        return complain(str(error), USAGE_STATUS)
    try:
        return make(stack)
    except (ApiError, StageError) as error:
        return complain(str(error), USAGE_STATUS if _is_users_fault(error) else 1)
    except httpx.HTTPError as error:
        return complain(f"the local stack did not answer: {error}", 1)
    except KeyboardInterrupt:
        return complain("stopped before anything was made", INTERRUPTED_STATUS)


def _asked() -> Callable[[StartingStack], int]:
    """Returns what makes what is asked for. Raises UsageError."""
    if is_story(os.environ):
        from local.demo.story.command import make_story  # its client takes a while to import

        return functools.partial(make_story, story_options(os.environ))
    options = from_environment(os.environ)
    return functools.partial(_demo, options, choose(options))


def _is_users_fault(error: Exception) -> bool:
    return isinstance(error, ApiError) and error.status == httpx.codes.BAD_REQUEST


def _demo(options: Options, photos: list[Photo], starting: StartingStack) -> int:
    print("Starting the stack: API, functions, state machines, tables, storage, simulated vendor …")
    stack = starting.description()
    print(f"Ready in {time.monotonic() - starting.began:.1f} s at {stack['base_url']}")
    client = StudioClient(stack["base_url"], stack["token"], stack["workspace_id"])
    production = Production(client, options, photos)
    try:
        return _produce(production, lambda need: _top_up(stack, client, need))
    except KeyboardInterrupt:
        return _interrupted(production)
    finally:
        client.close()


def _produce(production: Production, top_up: Callable[[int], None]) -> int:
    options = production.options
    count = len(production.photos)
    print(
        f"Uploading {count} stills and creating the project ({options.ratio}, {options.resolution})"
    )
    production.create()
    estimate = production.estimate() if options.makes_film else None
    drafts = count if options.makes_draft else 0
    if estimate:
        print(
            f"The film will cost {dollars(estimate['totalCents'])} of {production.project['model']}"
            f" ({estimate['credits']} credits){f', the draft {drafts} credits' if drafts else ''}."
        )
    top_up((estimate["credits"] if estimate else 0) + drafts)
    before = production.client.credits()
    made = [production.make(draft=True)] if options.makes_draft else []
    made += [production.make(draft=False)] if options.makes_film else []
    print()
    print("\n".join(summary(made, Money(before, production.client.credits(), estimate))))
    return 0 if all(one.run["status"] == "completed" for one in made) else 1


def _top_up(stack: dict[str, Any], client: StudioClient, need: int) -> None:
    """Grants the demo's workspace what a long film needs beyond the seed."""
    lacking = need - int(client.credits()["available"])
    if lacking > 0:
        service = StudioClient(stack["base_url"], stack["service_token"], client.workspace_id)
        grant = {"workspaceId": client.workspace_id, "amount": lacking, "grantId": "demo-top-up"}
        service.call("POST", "/api/credits/grants", grant)
        service.close()


def _interrupted(production: Production) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print("\nCancelling …", flush=True)
    run = production.cancel()
    if run is None:
        return complain("stopped; nothing was running", INTERRUPTED_STATUS)
    clips = (run.get("output") or {}).get("completedClips", 0)
    parts = run.get("credits") or {}
    print(
        f"The run is {run['status']}. Of {parts.get('held', 0)} credits held,"
        f" {parts.get('posted', 0)} are paid and {parts.get('released', 0)} returned;"
        f" finished clips kept: {clips}."
    )
    return INTERRUPTED_STATUS
