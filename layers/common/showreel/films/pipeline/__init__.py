"""Making a film: trigger, queue, and the steps of the `VideoPipeline` state machine.

trigger  → one transaction: plan, hold, run, queue place, project status
queue    → first in, first out; a slot is freed by whoever ends the run, or by the clock
clips, transitions → one piece at a time per Map iteration, each normalised when it arrives
compile_video → pieces joined by stream copy, sound in one pass
ending   → the one way out: jobs stopped, hold closed, run and project written together
"""
