"""A live session whose server ends in the middle of it."""

import base64
import io
import json
import signal
import time
import wave

import httpx
import numpy as np
import pytest
from websockets.sync.client import ClientConnection, connect

from tests.live_words import pcm, said
from tests.service.conftest import StartServe

pytestmark = pytest.mark.slow

RATE = 16_000
SESSION = {
    "type": "transcription",
    "audio": {
        "input": {"format": {"type": "audio/pcm", "rate": RATE}, "turn_detection": None},
    },
    "quoth": {"keep": True, "name": "standup", "num_speakers": 2},
}


def send(socket: ClientConnection, **event: object) -> None:
    socket.send(json.dumps(event))


@pytest.mark.parametrize("ended", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "told to end"])
def test_the_recording_of_a_session_becomes_a_job_whatever_ends_the_server(
    start_serve: StartServe, ended: signal.Signals
) -> None:
    killed = start_serve()
    sound = pcm(np.concatenate([said(range(1, 9)), said([1])]))
    with connect(killed.url.replace("http", "ws") + "/v1/realtime?intent=transcription") as socket:
        send(socket, type="session.update", session=SESSION)
        for first in range(0, len(sound), RATE):
            audio = base64.b64encode(sound[first : first + RATE]).decode()
            send(socket, type="input_audio_buffer.append", audio=audio)
        send(socket, type="nothing", event_id="last")
        while "last" not in str(socket.recv()):
            pass
        killed.process.send_signal(ended)
        killed.process.wait(20)
    again = start_serve(QUOTH_DATA=str(killed.data))
    deadline = time.monotonic() + 60
    while not (jobs := httpx.get(f"{again.url}/v1/jobs").json()["data"]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    (job,) = jobs
    assert job["name"] == "standup"
    kept = httpx.get(f"{again.url}/v1/jobs/{job['id']}/audio").content
    with wave.open(io.BytesIO(kept)) as file:
        assert file.readframes(file.getnframes()) == sound
    assert [*(killed.data / "live").iterdir()] == []
