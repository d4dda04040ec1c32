"""Seeded histories: what users do, what breaks meanwhile, and what must be true of it.

record       what was seen of a history, as plain data
invariants   what must be true of a record
users        what users send, and what they saw of the answers
faults       what breaks, drawn from the seed
ground       the stack that histories share, with its time and its tables
history      one history, and many at once
"""
