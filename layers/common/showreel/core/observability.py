"""Structured logs and metrics. Keys, tokens and signed URLs never get here."""

import functools
from typing import Any


@functools.cache
def logger() -> Any:
    """The process's JSON logger; the service name comes from POWERTOOLS_SERVICE_NAME."""
    from aws_lambda_powertools import Logger

    return Logger(child=False, log_uncaught_exceptions=False)


def count(name: str, value: int = 1, **dimensions: str) -> None:
    """One metric datum in embedded format, e.g. `count("LedgerError")`; alarms stand on these."""
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    with single_metric(
        name=name, unit=MetricUnit.Count, value=value, namespace="Showreel"
    ) as metric:
        for key, dimension in dimensions.items():
            metric.add_dimension(name=key, value=dimension)
