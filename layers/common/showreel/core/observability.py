"""Structured logs and metrics. Keys, tokens and signed URLs never get here.

Every metric goes out twice in one datum: by stack alone, for alarms, and by its own dimensions as
well, to distinguish e.g. vendors. CloudWatch doesn't add up over dimensions: an alarm sees exactly
the set of dimensions that it names.
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
        """A formatter that adds the keys of `about`; keys given with the message win."""

        def serialize(self, log: Any) -> str:
            return super().serialize({**log, **(_about | log)})

    return Logger(child=False, log_uncaught_exceptions=False, logger_formatter=Formatter())


def begin(**keys: str | None) -> None:
    """Starts an invocation: replaces the log keys of the one before. Imports nothing."""
    _about.clear()
    about(**keys)


def about(**keys: str | None) -> None:
    """Adds keys to all further log lines, e.g. `about(job_id=…, run_id=None)`; None removes one.

    The stores call it for every run or job that is read by its id, so that every line has the ids
    of what is being worked on.
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
