"""Media: fetched safely, verified, stored in one bucket, and served by URL."""
