"""The meter of one stack: what counts where, put together."""

from local.metering.processes import ProcessMeter
from local.metering.tables import TableMeter
from local.metering.tally import Counts, Tally
from local.metering.traffic import Traffic


class Meter:
    """Counts what one stack would be billed for."""

    def __init__(self, account: str, region: str) -> None:
        self.tally = Tally()
        self.processes = ProcessMeter(self.tally)
        self.traffic = Traffic(self.tally, self.processes)
        self.tables = TableMeter(self.tally, account, region)

    def step(self, machine: str) -> None:
        """A state was entered, or tried again: what Step Functions bills."""
        self.tally.add("state transitions", machine)

    def execution(self, machine: str) -> None:
        """An execution was started."""
        self.tally.add("executions", machine)

    def counts(self) -> Counts:
        """Returns everything counted so far."""
        return self.tally.counts()
