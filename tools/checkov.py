"""Runs checkov, without building the tables of its parser anew for every path that it parses.

Building them was most of its time over our template (measured: 138 s of a core with it, 23 s
without), which is known of the library that checkov uses (h2non/jsonpath-ng#144). Run by the
interpreter of `.venv-checkov`.
"""

import sys
from typing import Any

import ply.yacc  # type: ignore[import-not-found]  # checkov's own
from checkov.main import Checkov  # type: ignore[import-not-found]

_build = ply.yacc.yacc
_parsers: dict[tuple[type, str], Any] = {}


def parser_of(*, module: object, start: str, **more: Any) -> Any:
    """Returns the parser of a grammar, built once: parsers keep nothing between two texts."""
    key = type(module), start
    if key not in _parsers:
        _parsers[key] = _build(module=module, start=start, **more)
    return _parsers[key]


if __name__ == "__main__":
    ply.yacc.yacc = parser_of
    sys.exit(Checkov().run())
