"""Text jobs, made by the request that streams them."""
