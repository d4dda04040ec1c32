"""Requests made from the OpenAPI document, to a running stack."""
