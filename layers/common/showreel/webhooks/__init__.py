"""Outgoing webhooks: a workspace's endpoints are told how its runs and jobs ended.

    the end of a run or job, one write → DynamoDB stream → events → FIFO queue → delivery

Incoming ones, from vendors, are in `providers.webhooks` and `generation.webhooks_in`.
"""
