"""Counts what a run would be billed for, where the stack sees it pass.

`StackSettings(meter=True)` switches it on; without it nothing here runs. Prices are not its
business: see `bench/cost.py`.
"""
