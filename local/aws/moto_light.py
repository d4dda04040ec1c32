"""Imports moto's Step Functions without EC2, which AWS Batch's tasks would bring along.

Importing `moto.batch` computes every EC2 instance type and zone: a second of each start, for a
service that no state machine here uses.
"""

import enum
import sys
import types


class _JobStatus(enum.StrEnum):
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


def _without_batch() -> None:
    names = ("moto.batch", "moto.batch.utils")
    if any(name in sys.modules for name in names):
        return
    package, utils = (types.ModuleType(name) for name in names)
    package.__path__ = []
    vars(utils)["JobStatus"] = _JobStatus
    sys.modules |= dict(zip(names, (package, utils), strict=True))
    try:
        import moto.stepfunctions.parser.models  # noqa: F401  # under the stand-in
    finally:
        for name in names:
            del sys.modules[name]


_without_batch()
