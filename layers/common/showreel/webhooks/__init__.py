"""Outgoing webhooks: notify a workspace's endpoints when its runs and jobs end.

    the end of a run or job, one write → DynamoDB stream → events → FIFO queue → delivery

Incoming ones, from vendors, are in `providers.webhooks` and `generation.webhooks_in`.
"""
