"""The API's one OpenAPI 3.1 document, generated from the handlers."""
