"""GET and POST /functions/v1/wallet-auth: signing in with a wallet, refreshing, signing out."""

from showreel.edge.api import Response, api, base_url, json_response
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
    source = app.current_event.request_context.identity.source_ip
    return json_response(200, service.act(request, base_url(app), source), **PRIVATE)
