"""Webhooks that go out: a workspace's endpoints are told how its runs and jobs ended.

    the end of a run or job, one write → DynamoDB stream → events → FIFO queue → delivery

Those that come in, from vendors, are `providers.webhooks` and `generation.webhooks_in`.
"""
