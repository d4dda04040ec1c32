"""Tells the state that runs a step where its execution goes.

A success is the usual way, on to the next state; every other way is an error by its route's name,
which the state catches. So the usual way passes no Choice, and costs two transitions a job.
"""

from showreel.generation.models import NextStep
from showreel.generation.steps.await_webhook import await_vendor
from showreel.generation.store import Jobs
from showreel.runs.executions import answer_token, refuse_token


def tell(jobs: Jobs, job_id: str, token: str, step: NextStep) -> None:
    """Answers the state's token, or keeps it for the vendor's webhook. Raises Transient."""
    match step.route:
        case "settle":
            answer_token(token, {})
        case "hold":
            await_vendor(jobs, job_id, token)
        case route:
            refuse_token(token, route, {"wait_seconds": step.wait_seconds})
