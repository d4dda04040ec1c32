"""The engine of every generation: one kind of job, one state machine, one way to pay."""
