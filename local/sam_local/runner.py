"""Runs functions in containers and keeps the score."""

import json
import shlex
import time
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty
from typing import Any

from local.lambdas.invocation import Outcome, error_payload
from local.sam_local.answers import Answer
from local.sam_local.containers import Failed, Sam
from local.sam_local.lending import Lending, Loan, read_event
from local.sam_local.placeholders import example, fill, write_filled
from local.sam_local.scenes import SCENES, Scene, Spoiled
from local.sam_local.world import World
from local.settings import ROOT
from local.stack import Stack

FILLED = ROOT / ".local" / "events"
LOOK_SECONDS = 0.2


class Runner:
    """One run of `make sam-local`."""

    def __init__(self, stack: Stack, sam: Sam, seconds: float) -> None:
        self.stack, self.sam, self.seconds = stack, sam, seconds
        self.logical_ids = {spec.folder: name for name, spec in stack.specs.items()}
        self.lending = Lending(stack)
        self.served: set[str] = set()
        self.failures: dict[str, str] = {}

    def run_api(self, folders: list[str]) -> None:
        """Functions of the API, each with its example event."""
        if not folders:
            return
        world = World(self.stack)
        for folder in folders:
            try:
                event = world.event(folder)
            except KeyError as error:
                self.fail(folder, f"events/{folder}.json has a placeholder {error} without a value")
                continue
            self.invoke(folder, event)

    def run_steps(self, folders: frozenset[str]) -> None:
        """Functions that state machines, vendors and rules call."""
        for scene in SCENES:
            if wanted := scene.leads_to & folders:
                self._play(scene, wanted)

    def _play(self, scene: Scene, wanted: frozenset[str]) -> None:
        lend = self.lending.lend(wanted, dict(scene.planted))
        with ThreadPoolExecutor(1) as pool, lend:
            played = pool.submit(scene.play, self.stack)
            while not played.done():
                try:
                    loan = self.lending.loans.get(timeout=LOOK_SECONDS)
                except Empty:
                    continue
                loan.answer.set_result(self._serve(loan))
        self._judge(scene, wanted, played)

    def _serve(self, loan: Loan) -> Outcome:
        """Runs the invocation in a container; its answer, or its error, goes back to the stack."""
        values = read_event(loan.folder, example(loan.folder), loan.event)
        answer = self.invoke(loan.folder, fill(example(loan.folder), values))
        if answer is None:
            return Outcome(error_payload("Sandbox.Failed", "no answer"), "Unhandled")
        failed = isinstance(answer.value, dict) and "errorType" in answer.value
        payload = json.dumps(answer.value).encode()
        return Outcome(payload, "Unhandled" if failed else None)

    def _judge(self, scene: Scene, wanted: frozenset[str], played: "Future[None]") -> None:
        error = played.exception()
        for folder in wanted - self.served:
            why = self.lending.mismatches.get(folder, "the scene did not lead there")
            self.fail(folder, f"no invocation was like events/{folder}.json: {why}")
        if error is not None:
            names = ", ".join(sorted(wanted))
            what = str(error) if isinstance(error, Spoiled) else f"{type(error).__name__}: {error}"
            self.fail(names, f"after its answer the scene `{scene.play.__name__}` broke: {what}")

    def invoke(self, folder: str, event: Any) -> Answer | None:
        """Runs one function and prints what came of it; None if nothing was answered."""
        self.served.add(folder)
        path = write_filled(folder, event, FILLED)
        started = time.monotonic()
        try:
            value = self.sam.invoke(self.logical_ids[folder], path, self.seconds)
        except Failed as error:
            self.fail(folder, str(error))
            return None
        answer = Answer(value, time.monotonic() - started)
        if answer.error:
            self.fail(folder, answer.error)
        else:
            print(f"{folder:28} {answer.seconds:6.1f} s  {answer.short()}", flush=True)
        return answer

    def fail(self, name: str, why: str) -> None:
        """Notes and prints a failure."""
        self.failures[name] = why
        print(f"{name:28} FAILED    {why}", flush=True)

    def summary(self) -> None:
        """Prints how many there were, and where the filled events are."""
        print(f"{len(self.served)} functions in containers, {len(self.failures)} failures")
        print(f"the events, filled in: {FILLED.relative_to(ROOT)}/")

    def keep(self) -> None:
        """Keeps the stack up, and says how to repeat an invocation by hand."""
        names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        print("export", *(f"{name}={shlex.quote(self.sam.environment[name])}" for name in names))
        for folder in sorted(self.served):
            event = str((FILLED / f"{folder}.json").relative_to(ROOT))
            print(
                shlex.join(self.sam.command("invoke", self.logical_ids[folder], "--event", event))
            )
        print("the stack stays up until Ctrl-C", flush=True)
        try:
            time.sleep(24 * 3600)
        except KeyboardInterrupt:
            print()
