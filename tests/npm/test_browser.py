"""The documented page in a real browser, on another origin than the API: every answer that it
needs, errors too, has what CORS asks for.
"""

import os
import shutil
from pathlib import Path

import pytest

from local.stack import Stack

from .conftest import LONG, Author, Script

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(BROWSER is None, reason="there is no Chromium here"),
]


def test_a_page_follows_runs_and_gets_errors_for_what_a_token_may_not_read(
    stack: Stack, author: Author, tmp_path: Path
) -> None:
    ids = {"goes": author.begin(0, LONG), "ends": author.begin(0, 100)}
    wishes = [{"name": of, "runId": ids[of], "token": author.token(ids[of])} for of in ids]
    token = wishes[0]["token"]
    other = {"name": "other", "runId": ids["ends"], "token": token}
    broken = {"name": "broken", "runId": ids["goes"], "token": f"{token}x"}
    with Script("open_page.mjs", str(BROWSER), str(tmp_path), stack.base_url) as page:
        page.wish([*wishes, other, broken])
        page.until(lambda: all("1 of 2 shots are done" in page.of(of, "shown") for of in ids))
        author.cancel(ids["goes"])
        stack.move_clock(100)
        page.until(lambda: all(page.of(name, "done") for name in ids))
        page.until(lambda: page.of("other", "error") and page.of("broken", "error"))
    assert page.of("goes", "shown")[-1] == "Canceled"
    assert page.of("goes", "run")[-1]["status"] == "CANCELED"
    assert page.of("ends", "shown")[-1] == "2 of 2 shots were made"
    assert page.of("ends", "run")[-1]["status"] == "COMPLETED"
    assert "The token is for another run" in page.of("other", "error")[0]
    assert "The run token is invalid" in page.of("broken", "error")[0]
