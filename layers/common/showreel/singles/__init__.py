"""Single generations over HTTP: each product's wire forms."""
