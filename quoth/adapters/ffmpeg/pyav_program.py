"""A decoder as a program, for machines without ffmpeg: `python -m ... FILE MAX_SECONDS`.

It runs as a process of its own so that a crash or a bomb in a media file ends here. It behaves as
`quoth.adapters.ffmpeg.programs` describes, ffmpeg's messages included.
"""

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from quoth.adapters.ffmpeg.programs import CONTAINERS, NO_SOUND_TRACK, PROTOCOLS
from quoth.domain.audio import SAMPLE_RATE

MICROSECONDS = 1_000_000
CORRUPT_PACKETS_IN_A_ROW = 1000


def main(source: str, max_seconds: str) -> int:
    """Decode a file to standard output; return the exit status."""
    av.logging.set_level(av.logging.ERROR)
    options = {"protocol_whitelist": PROTOCOLS, "format_whitelist": CONTAINERS}
    try:
        with av.open(f"file:{Path(source)}", options=options) as container:
            return _decode(container, int(float(max_seconds) * SAMPLE_RATE))
    except (av.FFmpegError, ValueError) as error:
        return _fail(str(getattr(error, "strerror", None) or error))


def _decode(container: InputContainer, samples_left: int) -> int:
    if container.duration:
        _say("info", f"Duration: 0{timedelta(microseconds=int(container.duration))}")
    if not container.streams.audio:
        return _fail(f"Stream map '0:a:0' {NO_SOUND_TRACK}.")
    graph: av.filter.Graph | None = None
    layout: tuple[object, ...] = ()
    for frame in _frames(container, container.streams.audio[0]):
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if graph is None or shape != layout:
            graph, layout = _graph(frame), shape
        frame.pts = None
        graph.push(frame)
        samples_left -= _drain(graph, samples_left)
        if samples_left <= 0:
            return 0
    if graph is not None:
        graph.push(None)
        _drain(graph, samples_left)
    return 0


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Decode packet by packet; damaged packets are passed over, as ffmpeg does."""
    corrupt = 0
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
            corrupt = 0
        except av.FFmpegError as error:
            corrupt += 1
            _say("error", str(error.strerror))
            if corrupt > CORRUPT_PACKETS_IN_A_ROW:
                raise


def _graph(frame: AudioFrame) -> av.filter.Graph:
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=frame.sample_rate, format=frame.format.name, layout=frame.layout.name
    )
    resample = graph.add("aresample", f"{SAMPLE_RATE}:rematrix_maxval=1.0")
    target = graph.add(
        "aformat", f"sample_fmts=s16:channel_layouts=mono:sample_rates={SAMPLE_RATE}"
    )
    sink = graph.add("abuffersink")
    source.link_to(resample)
    resample.link_to(target)
    target.link_to(sink)
    graph.configure()
    return graph


def _drain(graph: av.filter.Graph, samples_left: int) -> int:
    """Write what the graph holds; return the number of samples written."""
    written = 0
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return written
        samples = frame.to_ndarray().reshape(-1)[: max(0, samples_left - written)]
        sys.stdout.buffer.write(samples.astype("<i2", copy=False).tobytes())
        written += len(samples)


def _say(level: str, message: str) -> None:
    sys.stderr.write(f"[{level}] {message}\n")


def _fail(message: str) -> int:
    _say("error", message)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
