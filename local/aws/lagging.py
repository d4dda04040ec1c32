"""Secondary indexes that lag: their queries see a table as it was when the lag began."""

import copy
import json
import threading
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from local.server import App, Environ, StartResponse


class LaggingIndexes:
    """Old tables by lag. Used under the table lock."""

    def __init__(self, account: str, region: str) -> None:
        self._account, self._region = account, region
        self._old: dict[tuple[int, str], Any] = {}
        self._lock = threading.Lock()

    def answer(
        self, app: App, lag: int, environ: Environ, start_response: StartResponse
    ) -> list[bytes]:
        """Answers a query, of an index by the table as it was at the first query of this lag."""
        stream = environ["wsgi.input"]
        asked = json.loads(stream.read())
        stream.seek(0)
        if "IndexName" not in asked or asked.get("ConsistentRead"):  # a local index never lags
            return list(app(environ, start_response))
        backend: Any = dynamodb_backends[self._account][self._region]
        table = backend.get_table(asked["TableName"])
        now = table.items
        table.items = self._items(lag, table)
        try:
            return list(app(environ, start_response))
        finally:
            table.items = now

    def _items(self, lag: int, table: Any) -> Any:
        with self._lock:
            self._old = {key: items for key, items in self._old.items() if key[0] == lag}
            if (lag, table.name) not in self._old:
                self._old[lag, table.name] = copy.deepcopy(table.items)
            return self._old[lag, table.name]
