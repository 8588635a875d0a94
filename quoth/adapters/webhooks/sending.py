"""The `WebhookSender` over HTTP: one POST, no redirect, one address, little patience.

It speaks through httpcore2, the transport inside httpx2, which lets the caller say how to connect,
follows no redirect, keeps no cookie and takes no proxy from the environment: a proxy would connect
to addresses that nobody checked.
"""

import json
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from threading import Timer
from typing import Any

import httpcore2
from standardwebhooks import Webhook

from quoth.adapters.webhooks.connecting import (
    CheckedConnections,
    ForbiddenAddress,
    Resolve,
    checked_addresses,
    system_addresses,
)
from quoth.domain.errors import InvalidParameter
from quoth.domain.webhooks import PARAMETER, WebhookMessage, WebhookUrl
from quoth.ports.webhooks import Delivery, Outcome

TRY_SECONDS = 15.0
"""For one try as a whole, from the connection to the end of the answer."""
CONNECT_SHARE = 1 / 3
"""Of that, for one address: a name may have another, where one does not answer."""
MOST_BODY_BYTES = 16_384
"""Of the answer's body that are read, so that the receiver can finish its sentence."""
GONE = 410
SUCCESS = range(200, 300)
REDIRECT = range(300, 400)

FORBIDDEN = "leads to an address that is not on the public Internet"


class HttpWebhookSender:
    """Sends webhooks over HTTP.

    Args:
        secret: `whsec_` and base64, known to the receivers.
        allow_private: whether it may send to addresses that are not public.
        resolve: gives the addresses of a host.
        tls: whom to trust; None for whom the system trusts.
        seconds: for one try.
    """

    def __init__(
        self,
        secret: str,
        *,
        allow_private: bool = False,
        resolve: Resolve = system_addresses,
        tls: ssl.SSLContext | None = None,
        seconds: float = TRY_SECONDS,
    ) -> None:
        self._signer = Webhook(secret)
        self._allow_private = allow_private
        self._resolve = resolve
        self._tls = tls
        self._seconds = seconds

    def check(self, url: str) -> None:
        """Refuse a URL that nothing can be sent to; see the port."""
        target = WebhookUrl.parse(url)
        try:
            checked_addresses(
                self._resolve, target.host, target.port, allow_private=self._allow_private
            )
        except OSError:
            problem = f"names the host {target.host}, which has no address"
            raise InvalidParameter(PARAMETER, problem) from None
        except ForbiddenAddress:
            cure = "set WEBHOOK_ALLOW_PRIVATE to allow those"
            raise InvalidParameter(PARAMETER, f"{FORBIDDEN}; {cure}") from None

    def send(self, url: str, message: WebhookMessage) -> Delivery:
        """Try once; see the port."""
        try:
            target = WebhookUrl.parse(url)
        except InvalidParameter as error:
            return Delivery(Outcome.STOPPED, str(error))
        try:
            status = self._post(target, message)
        except ForbiddenAddress:
            return Delivery(Outcome.FAILED, f"{target.host} {FORBIDDEN}")
        except httpcore2.TimeoutException:
            return Delivery(Outcome.FAILED, f"{target.host} took too long")
        except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            reason = str(error) or type(error).__name__
            return Delivery(Outcome.FAILED, f"no answer from {target.host}: {reason}")
        return Delivery(_outcome(status), f"{target.host} answered {status}{_remark(status)}")

    def _post(self, target: WebhookUrl, message: WebhookMessage) -> int:
        """Send a message and return the status of the answer."""
        body = json.dumps(message.content, separators=(",", ":"))
        connections = CheckedConnections(self._resolve, allow_private=self._allow_private)
        watch = Timer(self._seconds, connections.cut)
        watch.daemon = True
        watch.start()
        address = httpcore2.URL(
            scheme=target.scheme, host=target.host, port=target.port, target=target.target
        )
        try:
            with (
                httpcore2.ConnectionPool(self._tls, network_backend=connections) as pool,
                pool.stream(
                    "POST",
                    address,
                    headers=self._headers(target, message.id, body),
                    content=body.encode(),
                    extensions={"timeout": self._timeouts()},
                ) as response,
            ):
                with suppress(httpcore2.NetworkError, httpcore2.ProtocolError, TimeoutError):
                    _read(response)
                return int(response.status)
        except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            if connections.is_cut:
                raise httpcore2.ReadTimeout(str(error)) from error
            raise
        finally:
            watch.cancel()
            connections.close()

    def _headers(
        self, target: WebhookUrl, message_id: str, body: str
    ) -> Mapping[bytes | str, bytes | str]:
        now = datetime.now(UTC)
        return {
            "Host": target.authority,
            "Content-Type": "application/json",
            "User-Agent": "Quoth-Webhooks",
            "Connection": "close",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(message_id, now, body),
        }

    def _timeouts(self) -> dict[str, Any]:
        each = self._seconds
        return {"connect": each * CONNECT_SHARE, "read": each, "write": each, "pool": each}


def _read(response: httpcore2.Response) -> None:
    """Read the start of a body and let go of the rest."""
    left = MOST_BODY_BYTES
    for block in response.iter_stream():
        left -= len(block)
        if left <= 0:
            return


def _outcome(status: int) -> Outcome:
    if status in SUCCESS:
        return Outcome.DELIVERED
    return Outcome.STOPPED if status == GONE else Outcome.FAILED


def _remark(status: int) -> str:
    return ", a redirect, which is not followed" if status in REDIRECT else ""
