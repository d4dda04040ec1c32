"""The vendors of models, each behind the same typed port. Their texts stay here."""
