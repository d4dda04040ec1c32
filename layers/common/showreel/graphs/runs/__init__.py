"""Runs graphs: one execution per run, which is woken whenever a node's job has ended.

start     → one transaction: plan, hold, run, queue place, the claim of the request's id
advance   → records what ended, skips what can't run, starts what is ready; then waits for a token
wake      → whoever settles a node's job answers that token
finish    → the one way out of a run: jobs stopped, hold closed, run written
"""
