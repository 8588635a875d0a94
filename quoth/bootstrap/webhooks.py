"""The sender of webhooks, with the secret that is configured or kept."""

from quoth.adapters.webhooks.secret import checked, kept_secret, secret_file
from quoth.adapters.webhooks.sending import HttpWebhookSender
from quoth.config import Settings
from quoth.domain.errors import UnusableFolder


def webhook_sender(settings: Settings) -> HttpWebhookSender:
    """Return the sender; where no secret is configured, one is made and kept.

    Raises:
        InvalidParameter: if the secret is none.
        UnusableFolder: if it can be neither read nor kept.
    """
    return HttpWebhookSender(_secret(settings), allow_private=settings.webhook_allow_private)


def _secret(settings: Settings) -> str:
    if settings.webhook_secret is not None:
        return checked(settings.webhook_secret.get_secret_value())
    try:
        return kept_secret(settings.quoth_data)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnusableFolder(str(secret_file(settings.quoth_data)), reason) from error


def whereabouts_of_secret(settings: Settings) -> str:
    """Say where the secret is that receivers verify signatures with, and not the secret."""
    if settings.webhook_secret is not None:
        return "Webhooks are signed with WEBHOOK_SECRET."
    path = secret_file(settings.quoth_data)
    when = "is in" if path.exists() else "will be made when the server starts, and kept in"
    return f"The secret that webhooks are signed with {when} {path}."
