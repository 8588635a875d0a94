"""What goes wrong when models are fetched."""

from quoth.domain.errors import QuothError


class ModelError(QuothError):
    """A model could not be fetched, checked or removed."""


class Unreachable(ModelError):
    """Raised when a server gives no sensible answer, or stops in the middle and does not go on."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(
            f"{host} cannot be reached ({reason}). Check the network; where a proxy is needed set "
            "HTTPS_PROXY, and HF_ENDPOINT for a mirror of the Hugging Face hub. What has come so "
            "far is kept: the same command goes on from there."
        )


class ServerRefused(ModelError):
    """Raised when a server answers, again and again, that it will not serve a file."""

    def __init__(self, address: str, status: int) -> None:
        super().__init__(
            f"{address} is not served: the server answers with status {status}. Try again later; "
            "what has come so far is kept."
        )


class NotOnServer(ModelError):
    """Raised when a server does not have what the catalogue says it has."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} is not there. It was moved or taken back, or HF_ENDPOINT names a mirror that "
            "does not have it. Look for a newer version of Quoth."
        )


class GatedModel(ModelError):
    """Raised when the hub asks who one is, and that one has accepted the model's conditions."""

    def __init__(self, name: str, page: str, *, has_token: bool) -> None:
        missing = (
            "HF_TOKEN is set, but its account has not accepted them"
            if has_token
            else "and no token was found"
        )
        super().__init__(
            f"{name} is given only to those who have accepted its conditions ({missing}). "
            f"1. Log in and accept them at {page} "
            "2. Make a token at https://huggingface.co/settings/tokens (reading is enough) and run "
            f"`hf auth login`, or set HF_TOKEN. Then: quoth models pull {name}"
        )


class TokenRefused(ModelError):
    """Raised when the hub does not know the token it was given."""

    def __init__(self) -> None:
        super().__init__(
            "The Hugging Face hub refuses the token. Make a new one at "
            "https://huggingface.co/settings/tokens and run `hf auth login`, or set HF_TOKEN; most "
            "models need none, so unsetting it may do."
        )


class CorruptDownload(ModelError):
    """Raised when what came is not what was asked for; it is thrown away before."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(
            f"What came for {name} is not what it should be ({problem}) and was thrown away. Try "
            "again; if it happens again, something between here and the server changes it."
        )


class AnotherFile(ModelError):
    """Raised when a server offers something else than was asked for; nothing of it is taken."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(
            f"What is offered for {name} is something else ({problem}), so nothing of it was "
            "taken. Something between here and the server answers in its place, such as the login "
            "page of a network; what came before is kept, and the same command goes on from there."
        )


class NotEnoughDisk(ModelError):
    """Raised before a download that would not fit, and when the disk fills up in its middle."""

    def __init__(self, name: str, folder: str, missing_bytes: int | None = None) -> None:
        megabytes = -(-(missing_bytes or 0) // 1_000_000)
        much = f"about {megabytes} MB are missing" if missing_bytes else "it is full"
        super().__init__(
            f"There is not enough space in {folder} for {name}: {much}. Free some, or move "
            "QUOTH_DATA elsewhere; what has come so far is kept."
        )


class AlreadyPulling(ModelError):
    """Raised when another process is at work on the same model."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Another process is at work on {name}. Wait until it is done, or end it: what it has "
            "fetched is kept."
        )


class NotInstalledByQuoth(ModelError):
    """Raised when a folder has the name of a model, but no lock: somebody else put it there."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"{folder} was not made by `quoth models pull`, so it is left alone. Move it away if "
            "you want that model from the catalogue."
        )


class DamagedLock(ModelError):
    """Raised when the file beside a model that says what it consists of cannot be read."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(
            f"{path} cannot be read ({problem}), so nobody knows what belongs to that model. "
            "Move its folder away and pull the model again."
        )
