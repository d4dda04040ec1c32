"""The routed generation endpoints: any model of the catalogue, each by its vendor's own form."""
