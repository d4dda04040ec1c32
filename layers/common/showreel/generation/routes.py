"""Answers the state that runs a step with the route of its execution.

Success is the usual route, to the next state; every other route is an error of that name, which the
state catches. So the usual route needs no Choice state, and a job costs two transitions.
"""

from showreel.generation.models import NextStep
from showreel.generation.steps.await_webhook import await_vendor
from showreel.generation.store import Jobs
from showreel.runs.executions import answer_token, refuse_token


def answer_state(jobs: Jobs, job_id: str, token: str, step: NextStep) -> None:
    """Answers the state's task token, or stores it for the vendor's webhook. Raises Transient."""
    match step.route:
        case "settle":
            answer_token(token, {})
        case "hold":
            await_vendor(jobs, job_id, token)
        case route:
            refuse_token(token, route, {"wait_seconds": step.wait_seconds})
