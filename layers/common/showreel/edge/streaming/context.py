"""The Lambda context for handlers and Powertools, as the managed runtime makes it."""

import time
from dataclasses import dataclass

from showreel.core.settings import LambdaRuntime
from showreel.edge.streaming.runtime_api import Invocation


@dataclass(frozen=True)
class Context:
    """One invocation's context."""

    aws_request_id: str
    invoked_function_arn: str
    deadline_ms: int
    function_name: str
    function_version: str
    memory_limit_in_mb: str
    log_group_name: str
    log_stream_name: str

    def get_remaining_time_in_millis(self) -> int:
        """Returns the milliseconds until Lambda stops the function."""
        return max(0, self.deadline_ms - int(time.time() * 1000))


def context_of(invocation: Invocation, runtime: LambdaRuntime) -> Context:
    """Returns the context of `invocation`."""
    return Context(
        aws_request_id=invocation.request_id,
        invoked_function_arn=invocation.headers.get("lambda-runtime-invoked-function-arn", ""),
        deadline_ms=int(invocation.headers.get("lambda-runtime-deadline-ms", 0)),
        function_name=runtime.aws_lambda_function_name,
        function_version=runtime.aws_lambda_function_version,
        memory_limit_in_mb=runtime.aws_lambda_function_memory_size,
        log_group_name=runtime.aws_lambda_log_group_name,
        log_stream_name=runtime.aws_lambda_log_stream_name,
    )
