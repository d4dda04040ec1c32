"""Starts the stack, makes the story's film and says what it cost, also when it is stopped."""

import signal
import sys
import time
from typing import Any

import httpx

from local.demo.board import Board
from local.demo.stage import StartingStack
from local.demo.status import INTERRUPTED_STATUS, complain
from local.demo.story.account import Account
from local.demo.story.options import StoryOptions
from local.demo.story.outline import UnusableAnswer
from local.demo.story.production import Story, StoryError
from local.demo.story.rows import ShotRows
from local.demo.story.summary import paid_line, summary
from local.demo.studio_client import ApiError, StudioClient
from showreel_client import Export, GenerationError, UnifiedGenerationService

FILES = {
    "outputUrl": "story.mp4",
    "posterUrl": "poster.jpg",
    "contactSheetUrl": "contact-sheet.jpg",
    "vttUrl": "captions.vtt",
    "srtUrl": "captions.srt",
}


def make_story(options: StoryOptions, starting: StartingStack) -> int:
    """Returns 0 for a finished film, 1 for none, 130 for Ctrl-C. Raises StageError."""
    print(
        "Starting the stack: API, functions, state machines, tables, storage, simulated vendors …"
    )
    stack = starting.description()
    print(f"Ready in {time.monotonic() - starting.began:.1f} s at {stack['base_url']}")
    print(f"The idea: {options.idea}")
    return run_story(stack, options)


def run_story(stack: dict[str, Any], options: StoryOptions) -> int:
    """Makes the story's film on a running stack; returns the exit status."""
    studio = StudioClient(stack["base_url"], stack["token"], stack["workspace_id"])
    rows, account = ShotRows(), Account(studio)
    board = Board(sys.stdout, "story", rows, sys.stdout.isatty())
    arguments = {"workspace_id": stack["workspace_id"]}
    with UnifiedGenerationService(stack["base_url"], stack["token"], **arguments) as service:
        story = Story(studio, service, options, board, rows, account)
        try:
            account.begin()
            return _finished(story, story.produce())
        except KeyboardInterrupt:
            return _interrupted(story)
        except (StoryError, UnusableAnswer, GenerationError, ApiError) as error:
            board.close()
            story.stop()
            return complain(f"{str(error).rstrip('.')}. {paid_line(account)}", 1)
        except httpx.HTTPError as error:
            board.close()
            return complain(f"the local stack did not answer: {error}", 1)
        finally:
            studio.close()


def _finished(story: Story, export: Export) -> int:
    story.board.close()
    out = story.options.out
    out.mkdir(parents=True, exist_ok=True)
    for field, name in FILES.items():
        url = export.output.get(field)
        if url:
            story.studio.download(url, out / name)
        else:  # of an earlier story, which had one
            (out / name).unlink(missing_ok=True)
    story.account.settle()
    print()
    print("\n".join(summary(story, export)))
    return 0


def _interrupted(story: Story) -> int:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        story.board.close()
        print("\nCancelling …", flush=True)
        held = story.stop()
    finally:
        signal.signal(signal.SIGINT, before)
    rest = f"{held} credits are still held." if held else "What was held for more is returned."
    print(f"Stopped at: {story.step}. {paid_line(story.account)} {rest}")
    return INTERRUPTED_STATUS
