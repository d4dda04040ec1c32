"""Users, workspaces and credits to begin with, made through the product's own API."""

import http.client
import json
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt

TOKEN_SECONDS = 30 * 24 * 3600
KEEPER = "local-keeper"
"""Becomes an owner when the last one is to be removed."""
REQUEST_SECONDS = 60


class SeedError(RuntimeError):
    """The API did not do what seeding asked of it."""


@dataclass(frozen=True)
class Auth:
    """How to sign what the product believes."""

    jwt_secret: str
    service_token: str
    issuer: str
    audience: str


@dataclass(frozen=True)
class Tenant:
    """A user with a workspace of their own."""

    user_id: str
    workspace_id: str
    token: str


class Seeder:
    """Asks the API for what a newcomer needs."""

    def __init__(self, base_url: str, auth: Auth) -> None:
        self.base_url = base_url
        self.auth = auth

    def token(self, user_id: str) -> str:
        """Returns a user's JWT, good for thirty days."""
        now = int(time.time())
        claims = {
            "sub": user_id,
            "iss": self.auth.issuer,
            "aud": self.auth.audience,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
        }
        return jwt.encode(claims, self.auth.jwt_secret, algorithm="HS256")

    def tenant(self, credit_count: int, user_id: str | None = None, name: str = "Studio") -> Tenant:
        """Returns a user, new unless named, with a new workspace and credits in it."""
        user_id = user_id or f"user-{uuid.uuid4().hex[:12]}"
        token = self.token(user_id)
        workspace = self.call("POST", "/api/workspaces", token, {"name": name})
        if credit_count > 0:
            self.grant(workspace["id"], credit_count)
        return Tenant(user_id, workspace["id"], token)

    def first_tenant(self, credit_count: int, user_id: str, name: str) -> Tenant:
        """Returns the user's first workspace, made with credits if there is none yet."""
        token = self.token(user_id)
        found = self.call("GET", "/api/workspaces", token)["items"]
        if found:
            return Tenant(user_id, found[0]["id"], token)
        return self.tenant(credit_count, user_id, name)

    def grant(self, workspace_id: str, credit_count: int) -> None:
        """Adds credits."""
        grant = {
            "workspaceId": workspace_id,
            "amount": credit_count,
            "grantId": f"local-{uuid.uuid4().hex}",
        }
        self.call("POST", "/api/credits/grants", self.auth.service_token, grant)

    def remove_member(self, workspace_id: str, user_id: str) -> None:
        """Takes a user out of a workspace, even its last owner."""
        token = self.token(user_id)
        path = f"/api/workspaces/{workspace_id}/members"
        keeper = {"user_id": user_id, "userId": KEEPER, "role": "owner"}
        self.call("PUT", path, self.auth.service_token, keeper)
        self.call("DELETE", f"{path}/{user_id}", token)

    def upload(self, tenant: Tenant, picture: Path, content_type: str) -> str:
        """Uploads a file as a client would; returns its permanent URL."""
        data = picture.read_bytes()
        wish = {
            "workspaceId": tenant.workspace_id,
            "fileName": picture.name,
            "contentType": content_type,
            "size": len(data),
        }
        answer = self.call("POST", "/api/uploads", tenant.token, wish)
        target = answer["upload"]
        status, body = _send(target["method"], target["url"], dict(target["headers"]), data)
        if status != 200:
            raise SeedError(f"the upload answered {status}: {body[:200]!r}")
        return str(answer["url"])

    def call(self, method: str, path: str, token: str, body: Any = None) -> Any:
        """Returns one API call. Raises SeedError unless it answers 2xx."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        data = b"" if body is None else json.dumps(body).encode()
        status, answer = _send(method, f"{self.base_url}{path}", headers, data)
        if not 200 <= status < 300:
            raise SeedError(f"{method} {path} answered {status}: {answer[:500].decode()}")
        return json.loads(answer) if answer else None


def _send(method: str, url: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=REQUEST_SECONDS)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body or None, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
