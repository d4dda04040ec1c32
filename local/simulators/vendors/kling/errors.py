"""Kling's error table: HTTP status and text of each service code."""

TABLE: dict[int, tuple[int, str]] = {
    1000: (401, "Authentication failed"),
    1001: (401, "Authorization is empty"),
    1002: (401, "Authorization is invalid: check access key and secret key"),
    1003: (401, "Authorization is not yet valid"),
    1004: (401, "Authorization has expired"),
    1101: (429, "Account in arrears"),
    1102: (429, "Account balance not enough"),
    1103: (403, "Unauthorized access to the requested resource"),
    1200: (400, "Invalid request parameters"),
    1201: (400, "Invalid parameters"),
    1202: (404, "The requested method is invalid"),
    1203: (404, "The requested resource does not exist"),
    1301: (400, "The content security policy of the platform was triggered"),
    1302: (429, "The API request is too fast"),
    1303: (429, "parallel task over resource pack limit"),
    5000: (500, "Server internal error"),
    5001: (503, "Server temporarily unavailable"),
    5002: (504, "Server internal timeout"),
}

FAULT_CODES = {
    "rate_limited": 1302,
    "server_error": 5000,
    "auth": 1002,
    "quota": 1102,
    "invalid_input": 1201,
    "content_policy": 1301,
    "model_gone": 1203,
    "gateway_timeout": 5002,
}

FAILURE_TEXTS = {
    "failed": "Generation failed",
    "content_policy": "Failure to pass the risk control system",
}


class KlingError(Exception):
    """A refused request: the service code and, if it says more than the table, a text."""

    def __init__(self, code: int, text: str | None = None) -> None:
        self.code = code
        self.status, self.text = TABLE[code][0], text or TABLE[code][1]
        super().__init__(self.text)
