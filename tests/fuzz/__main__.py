"""Sends what Schemathesis makes of the OpenAPI document to a stack on this machine.

python -m tests.fuzz --each 30 --seed 41

The same seed gives the same requests, but for ids. It ends with 1 if an answer isn't documented or
is a fault of ours, and if fewer than 60 % of the requests asked for were sent.
"""

import argparse
import sys
import warnings
from collections import Counter
from typing import Any

import httpx
import requests
from hypothesis.errors import HypothesisDeprecationWarning

from local.settings import StackSettings, product_modules
from local.stack import Stack
from tests.functions.belongings import SERVICE, Belongings, settled
from tests.support.cases import Cases
from tests.support.document import OPERATIONS, Operation
from tests.support.small_films import SHARE, SMALL_FILMS
from tests.unit.films.support import picture

LEAST_SHARE = 0.6
SECONDS = 60
PARAMETERS = {
    "SyncWindowSeconds": "1",
    "StreamSeconds": "1",
    "OrdersPerMinute": "0",
}
USER = "ann"


def main() -> int:
    """Runs all operations; those that delete come last."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--each", type=int, default=30, help="requests of each operation at most")
    parser.add_argument("--seed", type=int, default=41)
    wanted = parser.parse_args()
    # the stack's threads use `random` while Hypothesis makes requests, and it takes that for theirs
    warnings.simplefilter("ignore", HypothesisDeprecationWarning)
    statuses, faults = Counter[int](), 0
    settings = StackSettings(
        fork=True,
        preload=product_modules(),
        generation_seconds=0.3,
        clip_scale=1 / SHARE,
        environment=SMALL_FILMS,
        parameters=PARAMETERS,
    )
    with Stack(settings) as stack, requests.Session() as session:
        owner = moved_in(stack)
        sender = Sender(session, stack.seeder.token(USER))
        for operation in sorted(OPERATIONS, key=lambda one: (one.method == "DELETE", one.path)):
            cases = Cases(sender, owner.named, wanted.seed)
            try:
                cases.run(operation, wanted.each, stack.base_url)
            except (AssertionError, ExceptionGroup) as fault:
                faults += 1
                sys.stderr.write(f"{operation}\n{fault}\n\n")
            statuses.update(cases.statuses)
    told = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    print(  # noqa: T201 - a command says what it did
        f"{statuses.total()} requests of {len(OPERATIONS)} operations ({told}), {faults} faulty"
    )
    return int(faults > 0 or statuses.total() < LEAST_SHARE * wanted.each * len(OPERATIONS))


class Sender:
    """Sends requests as one user."""

    def __init__(self, session: requests.Session, token: str) -> None:
        self._session, self._token = session, token

    def __call__(self, request: requests.PreparedRequest) -> requests.Response:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return self._session.send(request, timeout=SECONDS, allow_redirects=False)


def moved_in(stack: Stack) -> Belongings:
    """Somebody with one of everything in the stack."""
    with httpx.Client(base_url=stack.base_url, timeout=SECONDS) as client:

        def send(operation: Operation, *, path: str, user: str, **told: Any) -> dict[str, Any]:
            is_service = user == SERVICE
            token = stack.seeder.auth.service_token if is_service else stack.seeder.token(user)
            headers = {"Authorization": f"Bearer {token}", **told.get("headers", {})}
            answer = client.request(operation.method, path, json=told.get("body"), headers=headers)
            is_json = answer.headers.get("content-type", "") == "application/json"
            body = answer.json() if is_json and answer.content else None
            return {"statusCode": answer.status_code, "body": answer.text, "json": body}

        def upload(workspace_id: str) -> str:
            data = picture()
            wish = {"fileName": "a.jpg", "contentType": "image/jpeg", "size": len(data)}
            headers = {"Authorization": f"Bearer {stack.seeder.token(USER)}"}
            made = client.post(
                "/api/uploads", json={"workspaceId": workspace_id, **wish}, headers=headers
            ).json()
            target = made["upload"]
            httpx.put(target["url"], content=data, headers=target["headers"]).raise_for_status()
            return str(made["url"])

        return settled(USER, send, upload)


if __name__ == "__main__":
    sys.exit(main())
