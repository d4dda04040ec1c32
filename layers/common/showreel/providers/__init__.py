"""Adapters of the vendors of models, behind typed ports. Vendors' error texts stay in here."""
