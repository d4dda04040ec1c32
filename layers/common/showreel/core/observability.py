"""Structured logs and metrics. Keys, tokens and signed URLs never get here.

Every metric goes out twice in one datum: by stack alone, which alarms look at, and by its own
dimensions as well, for whoever asks which vendor it was. CloudWatch doesn't add up over dimensions:
an alarm sees exactly the set of dimensions that it names.
"""

import functools
from typing import Any, Literal

NAMESPACE = "Showreel"
Unit = Literal["Count", "Seconds"]
_about: dict[str, str] = {}


@functools.cache
def logger() -> Any:
    """Returns the process's JSON logger. POWERTOOLS_SERVICE_NAME is the stack's name."""
    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

    class Formatter(LambdaPowertoolsFormatter):
        """Adds what the invocation is about; a key given with the message counts more."""

        def serialize(self, log: Any) -> str:
            return super().serialize({**log, **(_about | log)})

    return Logger(child=False, log_uncaught_exceptions=False, logger_formatter=Formatter())


def begin(**keys: str | None) -> None:
    """Starts an invocation: what the one before was about is forgotten. Imports nothing."""
    _about.clear()
    about(**keys)


def about(**keys: str | None) -> None:
    """Says what follows is about, e.g. `about(job_id=…, run_id=None)`: log lines have these keys.

    The stores say so with every row of a run or a job that is read by its id, so a line has the ids
    of what is being worked on, whoever writes it. None takes a key away.
    """
    _about.update({key: value for key, value in keys.items() if value})
    for key in keys.keys() & _about.keys():
        if not keys[key]:
            del _about[key]


def count(name: str, value: int = 1, **dimensions: str) -> None:
    """Emits one metric datum in embedded format, e.g. `count("LedgerError")`, for alarms."""
    measure(name, value, "Count", **dimensions)


def measure(name: str, value: float, unit: Unit, **dimensions: str) -> None:
    """Emits a value with its unit, e.g. `measure("FilmSeconds", 93, "Seconds")`."""
    from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
        AmazonCloudWatchEMFProvider,
    )

    datum = AmazonCloudWatchEMFProvider(namespace=NAMESPACE)
    datum.add_metric(name=name, unit=unit, value=value)
    if dimensions:
        datum.add_dimensions(service=datum.service or "undefined", **dimensions)
    datum.flush_metrics()
