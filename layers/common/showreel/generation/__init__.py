"""One engine under every generation: a job, a state machine, the same moves of money."""
