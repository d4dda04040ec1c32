"""`/_local`: what tools and tests ask of the stack. Paths and bodies are in `local/README.md`."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any
from urllib.parse import unquote

from local import clock
from local.aws.events import EventBus
from local.aws.permissions import Permissions
from local.control.faults import FaultBook, FaultError, parse_fault
from local.control.seed import Seeder, SeedError
from local.lambdas.service import LambdaService
from local.server import Environ, StartResponse

Handler = Callable[..., tuple[int, Any]]


class Controls:
    """The WSGI application for everything under `/_local`."""

    def __init__(self, faults: FaultBook, functions: LambdaService, events: EventBus) -> None:
        self.faults = faults
        self.functions = functions
        self.events = events
        self.seeder: Seeder | None = None
        self.permissions: Permissions | None = None
        self._routes: dict[tuple[str, ...], Handler] = {
            ("GET", "lambdas"): self._list_lambdas,
            ("POST", "lambdas", "*", "kill"): self._kill,
            ("GET", "permissions"): self._list_permissions,
            ("GET", "schedules"): self._list_schedules,
            ("POST", "schedules", "*", "fire"): self._fire,
            ("POST", "workspaces"): self._add_workspace,
            ("DELETE", "workspaces", "*", "members", "*"): self._remove_member,
            ("GET", "faults"): self._list_faults,
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "clock"): self._show_clock,
            ("POST", "clock"): self._move_clock,
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request with JSON."""
        status, answer = self._answer(environ)
        body = json.dumps(answer).encode()
        kind = ("Content-Type", "application/json")
        start_response(f"{status} Local", [kind, ("Content-Length", str(len(body)))])
        return [body]

    def _answer(self, environ: Environ) -> tuple[int, Any]:
        parts = [unquote(part) for part in environ["PATH_INFO"].strip("/").split("/")[1:]]
        asked = (environ["REQUEST_METHOD"], *parts)
        for route, handler in self._routes.items():
            wild = [value for piece, value in zip(route, asked, strict=False) if piece == "*"]
            if len(route) == len(asked) and all(
                piece in {"*", value} for piece, value in zip(route, asked, strict=True)
            ):
                return self._run(handler, wild, environ)
        return 404, {"error": "no such control"}

    def _run(self, handler: Handler, wild: list[str], environ: Environ) -> tuple[int, Any]:
        try:
            body = json.loads(environ["wsgi.input"].read() or b"{}")
            return handler(*wild, body=body)
        except KeyError as error:
            return 404, {"error": f"there is no {error}"}
        except (FaultError, SeedError, ValueError, TypeError) as error:
            return 400, {"error": str(error)}

    def _list_lambdas(self, body: Any) -> tuple[int, Any]:  # noqa: ARG002  # every handler gets it
        running: dict[str, list[int]] = {}
        for pool in self.functions.pools.values():
            pids = [worker.pid for worker in list(pool.workers)]
            running[pool.spec.folder] = running.get(pool.spec.folder, []) + pids
        return 200, {"lambdas": running}

    def _kill(self, function: str, body: Any) -> tuple[int, Any]:  # noqa: ARG002
        return 200, {"killed": self.functions.pool(function).kill()}

    def _list_permissions(self, body: Any) -> tuple[int, Any]:  # noqa: ARG002
        missing = self.permissions.missing() if self.permissions else []
        used = self.permissions.used() if self.permissions else []
        return 200, {"missing": [asdict(use) for use in missing], "used": [*map(asdict, used)]}

    def _list_schedules(self, body: Any) -> tuple[int, Any]:  # noqa: ARG002
        names = {one.folder: one.interval_seconds for one in self.events.schedules.values()}
        return 200, {"schedules": names}

    def _fire(self, rule: str, body: Any) -> tuple[int, Any]:
        """Fires now and waits for the function, unless `{"wait": false}`."""
        schedule = self.events.find_schedule(rule)
        payload = self.events.payload(schedule)
        if body.get("wait", True) is False:
            self.functions.invoke_later(schedule.function, payload)
            return 202, {"fired": schedule.name}
        outcome = self.functions.invoke(schedule.function, payload)
        answer = json.loads(outcome.payload or b"null")
        return 200, {
            "fired": schedule.name,
            "error": outcome.function_error,
            "answer": answer,
        }

    def _add_workspace(self, body: Any) -> tuple[int, Any]:
        tenant = self._seeder().tenant(int(body.get("credits", 0)), body.get("user_id"))
        answer = {"workspace_id": tenant.workspace_id, "user_id": tenant.user_id}
        return 201, answer | {"token": tenant.token}

    def _remove_member(self, workspace_id: str, user_id: str, body: Any) -> tuple[int, Any]:  # noqa: ARG002
        self._seeder().remove_member(workspace_id, user_id)
        return 200, {"removed": user_id}

    def _seeder(self) -> Seeder:
        if self.seeder is None:
            raise SeedError("the template has no identity to seed")
        return self.seeder

    def _list_faults(self, body: Any) -> tuple[int, Any]:  # noqa: ARG002
        return 200, {"faults": self.faults.list()}

    def _add_fault(self, body: Any) -> tuple[int, Any]:
        fault = parse_fault(body)
        if fault.function is not None:
            fault.function = self.functions.pool(fault.function).spec.folder
        return 201, {"id": self.faults.add(fault).id}

    def _clear_faults(self, body: Any) -> tuple[int, Any]:  # noqa: ARG002
        self.faults.clear()
        return 200, {"faults": []}

    def _show_clock(self, body: Any) -> tuple[int, Any]:  # noqa: ARG002
        return 200, {"offset_seconds": clock.offset(), "now": clock.now().isoformat()}

    def _move_clock(self, body: Any) -> tuple[int, Any]:
        """Moves the time forward by `{"seconds": 60}`."""
        clock.move(float(body["seconds"]))
        return self._show_clock(body)
