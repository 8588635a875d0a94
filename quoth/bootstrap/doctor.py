"""What could stand in the way on this machine, each with its cure; fulfils `quoth doctor`."""

import os
import socket
from collections.abc import Iterator, Sequence

import psutil

from quoth.adapters.ffmpeg.programs import find_program
from quoth.adapters.pyannote.model_files import DIARIZER as PYANNOTE
from quoth.auth.networks import peer_address
from quoth.auth.origins import Asked, Verdict, judge
from quoth.bootstrap.access import policy_of
from quoth.bootstrap.choice import choose
from quoth.bootstrap.diarizers import choose_diarizer
from quoth.bootstrap.engines import Engine, engines
from quoth.bootstrap.findings import Check, Finding, Level, parted
from quoth.bootstrap.fleet_checks import shared_jobs
from quoth.bootstrap.machine import GPUS, count_cores, describe_gpus, share_cores
from quoth.bootstrap.models import manage_models
from quoth.bootstrap.recognisers import Installation
from quoth.bootstrap.self_test import ENOUGH, run_self_test
from quoth.bootstrap.stores import try_store
from quoth.config import Settings, configuration_file
from quoth.domain.errors import InvalidParameter, QuothError
from quoth.domain.model_locks import Presence, Transfer

GB = 1_000_000_000
LEAST_DISK_BYTES = 2 * GB
"""Room that an hour-long video upload and its decoded sound need together, and some."""
LEAST_MEMORY_BYTES = GB
"""What a transcription with the packaged models takes, rounded up."""
PORT = 8000
NO_ENGINE = "none"


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield what is found, in order, as it is found; the last takes some seconds."""
    for check in CHECKS:
        try:
            yield from check(settings)
        except QuothError as error:
            subject = check.__name__.strip("_").replace("_", " ")
            yield Finding(subject, Level.FAILED, *parted(str(error)))


def explain_origin(settings: Settings, text: str) -> Iterator[Finding]:
    """Yield how a caller at an address fares at each listener, and through a proxy.

    Raises:
        InvalidParameter: if it is no address.
    """
    if peer_address(text) is None:
        raise InvalidParameter("origin", f"{text!r} is no address, as 192.168.1.20 or fd00::20 is")
    policy = policy_of(settings)
    host = (b"host", b"localhost")
    cases = [
        ("directly", Asked(text, (host,))),
        ("passed on", Asked(text, (host, (b"x-forwarded-for", text.encode("ascii"))))),
    ]
    if settings.edge_port is not None:
        cases.append((f"at port {settings.edge_port}", Asked(text, (host,), is_at_edge=True)))
    for way, asked in cases:
        found = judge(asked, policy)
        answer = "no key" if found.verdict is Verdict.BYPASS else "a key"
        yield Finding(f"{text} {way}", Level.OK, f"needs {answer}. {found.reason}")


def _settings(_settings: Settings) -> Iterator[Finding]:
    file = configuration_file()
    told = f"from {file} and the environment" if file.is_file() else "from the environment"
    yield Finding("settings", Level.OK, told)


def _engine(settings: Settings) -> Iterator[Finding]:
    if settings.engine == NO_ENGINE:
        yield Finding("engine", Level.OK, "none here: `quoth worker` processes have it")
        return
    cores = share_cores(settings, count_cores())
    found = engines(settings, cores)
    choice = choose(settings.engine, found)
    level = Level.NOTE if choice.advice else Level.OK
    info = choice.found.info
    told = f"{info.engine} with {info.model} on {info.device}. {choice.reason}"
    yield Finding("engine", level, told, choice.advice)
    for name, engine in found.items():
        yield _state(name, engine)


def _state(name: str, engine: Engine) -> Finding:
    """Say what an engine could do, whether it was chosen or not."""
    try:
        models = [each.name for each in engine.installed()] or [engine.configured().name]
    except QuothError as error:
        told, cure = parted(str(error))
        return Finding(f"engine {name}", Level.OK, told, cure)
    return Finding(f"engine {name}", Level.OK, f"models here: {', '.join(models)}")


def _diarizer(settings: Settings) -> Iterator[Finding]:
    if settings.engine == NO_ENGINE:
        return
    cores = share_cores(settings, count_cores())
    engine = choose(settings.engine, engines(settings, cores)).found.info.engine
    found = choose_diarizer(settings, engine, cores)
    told = f"{found.info.diarizer} with {found.info.model} on {found.info.device}. {found.reason}"
    yield Finding("diarizer", Level.OK, told)
    if settings.diarizer != PYANNOTE:
        other = settings.model_copy(update={"diarizer": PYANNOTE})
        try:
            told, cure = choose_diarizer(other, engine, cores).info.model, None
        except QuothError as error:
            told, cure = parted(str(error))
        yield Finding("diarizer pyannote", Level.OK, told, cure)


def _weights(settings: Settings) -> Iterator[Finding]:
    models = manage_models(settings)
    for model in models.models:
        subject, presence = f"weights {model.name}", models.presence(model)
        if presence is Presence.BY_HAND:
            told = "put there by hand: nobody knows what its files should be"
            yield Finding(subject, Level.OK, told)
        elif presence in {Presence.PACKAGED, Presence.PULLED}:
            wrong = models.verify(model, _unobserved)
            cure = (
                "Install Quoth again." if model.is_packaged else f"quoth models pull {model.name}"
            )
            if wrong:
                yield Finding(subject, Level.FAILED, "; ".join(wrong), cure)
            else:
                yield Finding(subject, Level.OK, "whole")


def _unobserved(_transfer: Transfer) -> None:
    """Show nothing: the whole takes about a second for each GB."""


def _decoder(settings: Settings) -> Iterator[Finding]:
    program = find_program(settings.ffmpeg)
    if program.name == "PyAV":
        told = "the ffmpeg in PyAV decodes; the system's own gets security updates sooner"
        yield Finding(
            "decoder", Level.NOTE, told, "sudo apt install ffmpeg, or brew install ffmpeg"
        )
    else:
        yield Finding("decoder", Level.OK, program.name)
    if program.is_offline:
        yield Finding("decoder's network", Level.OK, "none: the kernel keeps it from all")
    else:
        yield Finding(
            "decoder's network",
            Level.NOTE,
            "the decoder could reach it: here nobody may make a network namespace",
            "Allow user namespaces to this user, and install util-linux. No address in a recording "
            "is followed, either way.",
        )


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = settings.quoth_data
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not os.access(there, os.W_OK):
        cure = "Set QUOTH_DATA to a folder you can write to."
        yield Finding("disk", Level.FAILED, f"{folder} cannot be written to", cure)
        return
    free = psutil.disk_usage(str(there)).free
    told = f"{free / GB:.1f} GB free in {folder}"
    if free < LEAST_DISK_BYTES:
        cure = "Free some, or move QUOTH_DATA elsewhere."
        yield Finding("disk", Level.FAILED, told, cure)
    else:
        yield Finding("disk", Level.OK, told)


def _store(settings: Settings) -> Iterator[Finding]:
    yield Finding("store", Level.OK, try_store(settings))


def _machine(settings: Settings) -> Iterator[Finding]:
    cores = share_cores(settings, count_cores())
    way = "side by side" if cores.is_parallel else "one after the other"
    yield Finding("cores", Level.OK, f"{count_cores()}; words and speakers {way}")
    available = psutil.virtual_memory().available
    told = f"{available / GB:.1f} GB to be had"
    if available < LEAST_MEMORY_BYTES:
        cure = "Close other programs, or set PARALLEL_DIARIZATION=off, which takes less."
        yield Finding("memory", Level.NOTE, told, cure)
    else:
        yield Finding("memory", Level.OK, told)


def _gpu(_settings: Settings) -> Iterator[Finding]:
    cards = describe_gpus()
    if not cards:
        yield Finding(
            "gpu", Level.OK, "none with a driver from NVIDIA: everything runs on the cores"
        )
        return
    for card in cards:
        users = [engine for engine, present in GPUS.items() if present()]
        if users:
            yield Finding("gpu", Level.OK, f"{card}, for {', '.join(users)}")
        else:
            cure = "Install the CUDA libraries CTranslate2 wants: pip install nvidia-cublas-cu12."
            yield Finding("gpu", Level.NOTE, f"{card}, but no engine here can use it", cure)


def _port(_settings: Settings) -> Iterator[Finding]:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError as error:
            told = f"{PORT} is taken ({error.strerror}), perhaps by a Quoth that is running"
            yield Finding("port", Level.NOTE, told, "quoth serve --port 8001 takes another.")
        else:
            yield Finding("port", Level.OK, f"{PORT} is free")


def _self_test(settings: Settings) -> Iterator[Finding]:
    if settings.engine == NO_ENGINE:
        return
    installation = Installation(settings)
    try:
        found = run_self_test(installation)
    finally:
        installation.close()
    figures = f"{found.seconds:.0f} s of speech in {found.wall:.1f} s, loading included"
    told = f"{found.right:.0%} of the words right, {found.speakers} of 2 speakers, {figures}"
    if found.is_passed:
        yield Finding("self-test", Level.OK, told)
        return
    cure = f"Fewer than {ENOUGH:.0%} is not as it should be: another model, or ENGINE=whisper?"
    yield Finding("self-test", Level.FAILED, f"{told}; heard: {found.text or 'nothing'}", cure)


CHECKS: Sequence[Check] = (
    _settings,
    _engine,
    _diarizer,
    _weights,
    _decoder,
    _disk,
    _store,
    shared_jobs,
    _machine,
    _gpu,
    _port,
    _self_test,
)
"""In the order in which one thing needs another."""
