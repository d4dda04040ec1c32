"""GET and POST /functions/v1/wallet-auth: signs in with a wallet, refreshes, signs out."""

from showreel.edge.api import Response, api, base_url, json_response, source_address
from showreel.wallets import service
from showreel.wallets.schemas import WalletRequest

app = api()
handler = app.resolve
PRIVATE = {"Cache_Control": "no-store"}


@app.get("/functions/v1/wallet-auth")
def nonce() -> Response:
    """Gives a nonce for one message, for ten minutes."""
    return json_response(200, service.nonce(), **PRIVATE)


@app.post("/functions/v1/wallet-auth")
def wallet_auth(request: WalletRequest) -> Response:
    """Begins a session of a wallet, goes on with one, or ends it."""
    answer = service.act(request, base_url(app), source_address(app))
    return json_response(200, answer, **PRIVATE)
