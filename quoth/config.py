"""Every setting, read once from environment and file; tests and callers may pass values instead.

The environment variable of a setting is its name in capitals (`max_concurrent` is
`MAX_CONCURRENT`), its key in the file is its name. The environment wins.
"""

import os
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from quoth.domain.errors import UnusableConfiguration


def default_data_folder() -> Path:
    """Return the folder for Quoth's data by the XDG rules."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "quoth"


def configuration_file() -> Path:
    """Return where the file with settings is looked for: `QUOTH_CONFIG`, else by the XDG rules."""
    if named := os.environ.get("QUOTH_CONFIG"):
        return Path(named)
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(folder) / "quoth" / "quoth.toml"


def read_configuration() -> dict[str, Any]:
    """Return what the file with settings says; nothing where there is none.

    Raises:
        UnusableConfiguration: if it cannot be read, or has a key that is no setting.
    """
    path = configuration_file()
    if not path.exists() and "QUOTH_CONFIG" not in os.environ:
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnusableConfiguration(str(path), str(error)) from error
    known = list(Settings.model_fields)
    for key in content:
        if key not in known:
            like = get_close_matches(key.lower(), known, 1, cutoff=0.4)
            hint = f"did you mean {like[0]}?" if like else "`quoth config` lists those there are"
            raise UnusableConfiguration(str(path), f"{key} is no setting: {hint}")
    return content


class Settings(BaseSettings):
    """The settings of one installation."""

    model_config = SettingsConfigDict(
        env_file=None,
        env_ignore_empty=True,
        frozen=True,
        use_attribute_docstrings=True,
        populate_by_name=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is passed, then the environment, then the file."""
        file = InitSettingsSource(settings_cls, read_configuration())
        return init_settings, env_settings, file

    quoth_data: Annotated[Path, AfterValidator(Path.expanduser)] = Field(
        default_factory=default_data_folder
    )
    """Folder for everything Quoth keeps: models that were fetched, work in progress."""

    engine: Literal["auto", "nemo", "sherpa", "whisper", "none"] = "auto"
    """What recognises words; `auto` takes the best that is installed, `none` leaves it to
    `quoth worker` processes with the same `DATABASE_URL`."""

    whisper_model: str = "base"
    """A CTranslate2 Whisper: `base` is packaged; another name or a path to a folder."""

    sherpa_model: str | None = None
    """A Parakeet for sherpa-onnx: a name or a path to a folder; unset takes the best that is
    there."""

    nemo_model: str | None = None
    """A NeMo model: a name, a path to a .nemo file, or an id in the local cache of the hub; unset
    takes the best that is there."""

    nemo_precision: Literal["fp16", "bf16", "fp32"] | None = None
    """Numbers NeMo computes in; unset takes `fp16` on a GPU and `fp32` without one."""

    nemo_stream_right: float = Field(default=1.2, ge=0, le=10)
    """Seconds of sound that follow a word before a live session settles it with NeMo: more hears
    better and tells later. 0 hears a growing utterance again and again, as with other engines."""

    asr_provider: str | None = None
    """Device that recognises words: `cpu`, `cuda`, `cuda:1`; unset takes a GPU if one is usable."""

    whisper_beam_size: int = Field(default=5, ge=1, le=20)
    """Hypotheses Whisper keeps; 1 is faster and a little less exact."""

    threads: int = Field(default=0, ge=0)
    """Processor threads for the engines; 0 takes one for each core."""

    parallel_diarization: Literal["auto", "on", "off"] = "auto"
    """Whether words and speakers are worked on side by side; `auto` decides from the cores, on a
    GPU from its free memory."""

    chunk_duration: float | None = Field(default=None, ge=0)
    """Seconds of the stretch whose windows are recognised together; 0 for the whole recording,
    unset for what the engine likes. It changes neither windows nor words."""

    diarizer: Literal["auto", "pyannote", "onnx"] = "auto"
    """What tells speakers apart; `auto` takes pyannote beside NeMo where its weights are."""

    pyannote_model: str | None = None
    """A pyannote pipeline: `pyannote-community-1` or `pyannote-3.1`; unset takes the first here."""

    diarization_threshold: float = Field(default=0.8, gt=0, lt=2)
    """Distance between voices up to which they are one speaker; lower finds more speakers."""

    diarization_step: float = Field(default=1.62, gt=0, le=5)
    """Seconds between two windows of the diarizer; larger is faster and less exact."""

    diarization_min_cluster_size: int = Field(default=12, ge=1)
    """Windows a voice must be heard in to count as a speaker of its own."""

    ort_arena_extend_strategy: Literal["kSameAsRequested", "kNextPowerOfTwo"] = "kSameAsRequested"
    """How ONNX Runtime's memory on a GPU grows; passed to our own sessions, sherpa-onnx takes no
    such option."""

    vad_threshold: float = Field(default=0.5, gt=0, lt=1)
    """Probability above which sound is speech."""

    idle_unload_seconds: float = Field(default=900.0, gt=0)
    """After so long without work the inference process ends and its memory comes back."""

    max_concurrent: int = Field(default=4, ge=1)
    """Synchronous requests worked on at once; one more gets 503 with Retry-After."""

    max_live_sessions: int = Field(default=4, ge=1)
    """Live sessions open at once; one more gets 503 with Retry-After."""

    max_live_sessions_per_key: int | None = Field(default=None, ge=1)
    """Of them that one key may have, one more gets 429; unset is half of them. Whoever needs no
    key is not told from others, so all of them share all."""

    max_live_seconds: float = Field(default=4 * 3600.0, gt=0)
    """The longest a live session can last, and the most sound it can have."""

    live_idle_seconds: float = Field(default=60.0, gt=0)
    """After so long without anything from its client a live session ends."""

    auth: Literal["auto", "required"] = "auto"
    """Who needs a key: `auto` asks whoever is in no network of `BYPASS_NETWORKS`, `required`
    everybody."""

    bypass_networks: str = "lan, tailscale"
    """Networks that need no key: `lan`, `tailscale`, `loopback`, networks as `192.0.2.0/24`, or
    `none`."""

    trusted_proxies: str = ""
    """Proxies whose word on who the client is counts, as networks. They always need a key, and
    must overwrite what clients say of themselves."""

    allowed_hosts: str = ""
    """Names that the server answers to beside its own and plain addresses, in a list with commas;
    `*` for any, which lets any page your browser visits point its own name here."""

    cors_origins: str = ""
    """Pages of other sites that may ask, as `https://example.org`, in a list with commas."""

    redis_url: SecretStr | None = None
    """Redis that counts for limits (`redis://`, `rediss://`, `redis+unix://`), where several
    processes share them; unset counts in each process."""

    requests_per_minute: int = Field(default=600, ge=1)
    """Requests of each key, and of each address without one; who needs no key is not limited."""

    audio_seconds_per_hour: int = Field(default=360_000, ge=1)
    """Seconds of audio of each key; a recording that begins below it is taken whole."""

    failed_logins_per_minute: int = Field(default=10, ge=1)
    """Keys that are not good, from each address."""

    max_connections: int = Field(default=512, ge=1)
    """Connections open at once; one more gets 503 with Retry-After."""

    max_connections_per_address: int = Field(default=64, ge=1)
    """Connections of each address that needs a key; not at `EDGE_PORT`, nor of trusted proxies."""

    header_seconds: float = Field(default=10.0, gt=0)
    """For the headers of a request to come; then 408."""

    min_body_bytes_per_second: int = Field(default=240, ge=0)
    """The slowest that a body may come, on average over 10 s; slower gets 408, 0 lets it."""

    lan_admin: bool = False
    """Whether whoever needs no key may make and revoke keys."""

    api_keys_file: Path | None = None
    """File of API keys; unset is `api-keys.json` under `QUOTH_DATA`."""

    edge_port: int | None = Field(default=None, ge=1, le=65_535)
    """Second port, on loopback unless `EDGE_HOST` says otherwise, where everybody needs a key:
    what a tunnel or a proxy points at."""

    edge_host: str = "127.0.0.1"
    """Address that `EDGE_PORT` is on."""

    database_url: str | None = Field(default=None, repr=False)
    """Postgres for jobs (`postgresql://user:password@host/name`); unset keeps them in files of
    SQLite under `QUOTH_DATA`."""

    store_url: str | None = None
    """Where the files of jobs are: a folder that all machines of one `DATABASE_URL` mount (a path,
    or `file:///folder`), or a bucket (`s3://bucket/prefix`); unset is `jobs` under `QUOTH_DATA`."""

    store_endpoint: str | None = None
    """Server of the bucket where it is not AWS's: `http://minio:9000`."""

    store_region: str | None = None
    """Region of the bucket: `eu-central-1`; unset takes `AWS_REGION`."""

    store_access_key_id: SecretStr | None = None
    """Who asks for the bucket; unset takes `AWS_ACCESS_KEY_ID`, or the role of the machine."""

    store_secret_access_key: SecretStr | None = None
    """Secret of `STORE_ACCESS_KEY_ID`."""

    takeover_seconds: float = Field(default=30.0, gt=0)
    """After so long without a sign of life a process's jobs go to others; the same on all machines
    of one `DATABASE_URL`."""

    stall_seconds: float = Field(default=900.0, gt=0)
    """A worker in which a job comes no further for so long stops by itself, and others take its
    jobs over."""

    drain_seconds: float = Field(default=25.0, ge=0)
    """How long a worker that is told to stop goes on with what it has begun; what is not done then
    is gone on with by others, from its last finished step."""

    job_concurrency: int = Field(default=2, ge=1)
    """Jobs worked on at once in each lane: recordings up to ten minutes, and longer ones. Workers
    of one `DATABASE_URL` share the setting: it is that of the one started last."""

    max_queued_audio_seconds: float = Field(default=200 * 3600.0, gt=0)
    """Audio that may wait; more gets 503 with Retry-After."""

    max_upload_bytes: int = Field(default=2 * 1024**3, ge=1)
    """The largest upload accepted."""

    webhook_secret: SecretStr | None = None
    """What webhooks are signed with: `whsec_` and base64; unset makes one and keeps it in
    `webhook-secret` under `QUOTH_DATA`."""

    webhook_allow_private: bool = False
    """Whether webhooks may go to addresses of this machine and its networks."""

    max_share_days: float = Field(default=365.0, gt=0, le=36_500)
    """The longest that a share of a recording can be good for."""

    min_free_disk_bytes: int = Field(default=1024**3, ge=0)
    """Space that stays free on the disk of `QUOTH_DATA`; an upload that would use it gets 507."""

    max_unfinished_uploads: int = Field(default=100, ge=1)
    """Uploads that each key, or the own network together, may have begun and not finished."""

    upload_expiry_hours: float = Field(default=24.0, gt=0)
    """Hours after its last byte when an upload that no job has taken is removed."""

    keepalive_seconds: float = Field(default=10.0, gt=0)
    """After so long without a byte an answer shows a sign of life, for proxies that give up: white
    space before JSON, comments among events. Its status is 200 then, whatever follows."""

    max_audio_seconds: float = Field(default=12 * 3600.0, gt=0)
    """The longest recording accepted; decoding stops there."""

    keep_audio_days: float | None = Field(default=None, ge=0)
    """Days after which the recording of a finished job is removed and the rest kept; unset keeps
    it."""

    keep_transcripts_days: float | None = Field(default=None, ge=0)
    """Days after which a finished job is deleted with everything that belongs to it; unset keeps
    it."""

    tls: bool = False
    """Whether to serve https with a certificate made here and kept in `tls` under `QUOTH_DATA`:
    browsers give a microphone only to https and localhost."""

    tls_names: str = ""
    """Further names of this machine in the certificate made here: `nas.fritz.box,nas.home.arpa`."""

    tls_cert: Path | None = None
    """Certificate to serve https with, a PEM file with those it was signed by; read anew when it
    changes."""

    tls_key: Path | None = None
    """Key of that certificate, a PEM file without a password; unset if it is in the same file."""

    ffmpeg: str = "auto"
    """Decoder: a path to ffmpeg, `pyav` for the one in the PyAV wheel, or `auto`."""


def origin(name: str) -> str:
    """Say where the value of a setting comes from: the environment, the file, or the default."""
    if os.environ.get(name.upper()):
        return "environment"
    return "file" if name in read_configuration() else "default"
