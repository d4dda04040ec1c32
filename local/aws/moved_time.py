"""Leads moto's Step Functions and S3 to the stack's time: waits, time-outs, retries and dates."""

import datetime as dt
import threading
from types import SimpleNamespace
from typing import Any

from moto.s3 import models as s3
from moto.stepfunctions.parser import models
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state import state
from moto.stepfunctions.parser.asl.component.state.exec import execute_state
from moto.stepfunctions.parser.asl.component.state.wait.wait_function import wait_function
from moto.stepfunctions.parser.asl.eval import environment
from moto.stepfunctions.parser.asl.eval.callback import callback
from moto.stepfunctions.parser.asl.eval.event import event_manager
from moto.stepfunctions.parser.backend import execution

from local import clock
from local.aws.mending import replace


class _Datetime(dt.datetime):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Any:
        return clock.now().astimezone(tz)


def mend() -> None:
    """Mends moto, once per process."""
    dates = SimpleNamespace(datetime=_Datetime, timezone=dt.timezone)
    for module in (models, state, event_manager, execution):
        replace(module, datetime=dates)
    threads = SimpleNamespace(Event=clock.Event, RLock=threading.RLock)
    for module in (execute_state, environment):
        replace(module, threading=threads)
    replace(callback, Event=clock.Event)
    replace(retrier_decl, time=SimpleNamespace(sleep=clock.sleep))
    replace(wait_function, time=SimpleNamespace(time=clock.time))
    replace(s3, utcnow=lambda: clock.now().replace(tzinfo=None))
