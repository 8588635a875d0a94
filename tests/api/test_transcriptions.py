"""The OpenAI endpoint, driven by OpenAI's own client and by raw HTTP."""

import socket
import threading
import time
from math import log
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai.types.audio import TranscriptionDiarized, TranscriptionVerbose

from quoth.adapters.memory.engines import FakeDiarizer, FakeTranscriber, Fault, known_words
from quoth.domain.audio import Interval
from quoth.formats import srt, vtt
from tests.api.conftest import FakeRecognisers, RunningServer, StartServer

FILE = ("talk.wav", b"sound")
TEXT = " ".join(word.text for word in known_words(Interval(0, 20)))


def post(server: RunningServer, fields: dict[str, Any], file: object = FILE) -> httpx.Response:
    files = {"file": file} if file else {"nothing": ("", b"")}
    return httpx.post(
        f"{server.url}/v1/audio/transcriptions",
        data=fields,
        files=files,  # type: ignore[arg-type]
        timeout=30,
    )


def error_of(response: httpx.Response) -> dict[str, Any]:
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"message", "type", "param", "code"}
    error: dict[str, Any] = body["error"]
    return error


def test_json_is_the_text(server: RunningServer) -> None:
    answer = server.client().audio.transcriptions.create(file=FILE, model="whisper-1")
    assert answer.text == TEXT
    assert server.left_on_disk() == []


def test_text_is_plain(server: RunningServer) -> None:
    answer = server.client().audio.transcriptions.create(
        file=FILE, model="whisper-1", response_format="text"
    )
    assert answer.strip() == TEXT


def test_subtitles_parse(server: RunningServer) -> None:
    client = server.client().audio.transcriptions
    as_srt = client.create(file=FILE, model="whisper-1", response_format="srt")
    as_vtt = client.create(file=FILE, model="whisper-1", response_format="vtt")
    assert len(srt.parse(as_srt)) == len(vtt.parse(as_vtt)) > 1


def test_verbose_json_gives_words_and_segments_on_request(server: RunningServer) -> None:
    answer = server.client().audio.transcriptions.create(
        file=FILE,
        model="whisper-1",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
        language="en",
    )
    assert isinstance(answer, TranscriptionVerbose)
    assert answer.duration == 20
    assert answer.words is not None
    assert answer.words[3].start == 1.5
    assert answer.segments is not None
    assert " ".join(segment.text for segment in answer.segments) == TEXT


def test_verbose_json_gives_segments_alone_by_default(server: RunningServer) -> None:
    answer = server.client().audio.transcriptions.create(
        file=FILE, model="whisper-1", response_format="verbose_json"
    )
    assert answer.words is None
    assert answer.segments


def test_diarized_json_says_who_spoke(server: RunningServer) -> None:
    answer = server.client().audio.transcriptions.create(
        file=FILE,
        model="gpt-4o-transcribe-diarize",
        response_format="diarized_json",
        chunking_strategy="auto",
    )
    assert isinstance(answer, TranscriptionDiarized)
    assert [segment.speaker for segment in answer.segments] == ["A", "B", "A", "B"]


def test_speaker_counts_are_plain_form_fields(server: RunningServer) -> None:
    answer = server.client().audio.transcriptions.create(
        file=FILE,
        model="whisper-1",
        response_format="diarized_json",
        extra_body={"num_speakers": 1},
    )
    assert {segment.speaker for segment in answer.segments} == {"A"}


def test_diarize_adds_speakers_to_other_formats(server: RunningServer) -> None:
    body = post(server, {"response_format": "verbose_json", "diarize": "true"}).json()
    assert {segment["speaker"] for segment in body["segments"]} == {"A", "B"}
    assert "Speaker B: " in post(server, {"response_format": "text", "diarize": "true"}).text


@pytest.mark.parametrize("name", ["timestamp_granularities", "timestamp_granularities[]"])
@pytest.mark.parametrize("value", [["word"], ["word", "segment"], "word,segment", '["word"]'])
def test_lists_are_taken_in_every_spelling(server: RunningServer, name: str, value: object) -> None:
    response = post(server, {"response_format": "verbose_json", name: value})
    assert response.status_code == 200
    assert len(response.json()["words"]) == 40


@pytest.mark.parametrize(
    ("fields", "parameter"),
    [
        ({"num_speakers": "0"}, "num_speakers"),
        ({"min_speakers": "3", "max_speakers": "2"}, "min_speakers"),
        ({"num_speakers": "2", "max_speakers": "3"}, "num_speakers"),
        ({"num_speakers": "two"}, "num_speakers"),
        ({"response_format": "docx"}, "response_format"),
        ({"temperature": "7"}, "temperature"),
        ({"language": "klingon"}, "language"),
        ({"timestamp_granularities[]": "letter"}, "timestamp_granularities"),
        ({"stream": "true", "response_format": "srt"}, "stream"),
        ({"include[]": "logprobs", "response_format": "verbose_json"}, "include"),
        ({"include[]": "thoughts"}, "include"),
        ({"known_speaker_names[]": "Ana"}, "known_speaker_names"),
        ({"diarize": "false", "response_format": "diarized_json"}, "diarize"),
        ({"diarize": "perhaps"}, "diarize"),
    ],
)
def test_an_impossible_field_is_a_400_that_names_it(
    server: RunningServer, fields: dict[str, str], parameter: str
) -> None:
    response = post(server, fields)
    assert response.status_code == 400, response.text
    assert error_of(response)["param"] == parameter
    assert server.recognisers.transcriber.batches == []
    assert server.left_on_disk() == []


def test_an_unknown_model_is_a_404_of_the_contract(server: RunningServer) -> None:
    with pytest.raises(openai.NotFoundError) as failure:
        server.client().audio.transcriptions.create(file=FILE, model="whisper-9")
    assert failure.value.code == "model_not_found"
    assert "fake/large" in failure.value.message


def test_an_installed_model_is_taken_by_name(server: RunningServer) -> None:
    assert post(server, {"model": "fake/large"}).status_code == 200


def test_a_request_without_a_file_is_a_400(server: RunningServer) -> None:
    for response in (
        post(server, {"model": "whisper-1"}, file=None),
        post(server, {"file": "not a file"}, file=None),
        httpx.post(f"{server.url}/v1/audio/transcriptions", json={"file": "x"}),
        httpx.post(f"{server.url}/v1/audio/transcriptions"),
        httpx.post(
            f"{server.url}/v1/audio/transcriptions",
            content=b"--x\r\nbroken",
            headers={"content-type": "multipart/form-data; boundary=y"},
        ),
        httpx.post(
            f"{server.url}/v1/audio/transcriptions",
            content=b"anything",
            headers={"content-type": "multipart/form-data"},
        ),
        httpx.post(
            f"{server.url}/v1/audio/transcriptions",
            content=b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\ny\r\n--x--\r\n',
            headers={"content-type": "multipart/form-data; boundary=x; charset=undefined"},
        ),
    ):
        assert response.status_code == 400, response.text
        error_of(response)


def test_an_empty_file_is_a_400(server: RunningServer) -> None:
    response = post(server, {}, ("talk.wav", b""))
    assert response.status_code == 400
    assert "empty" in error_of(response)["message"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\x00b", "a\r\nb: c", "x" * 255, "🎙️.wav"])
def test_a_file_name_decides_nothing(server: RunningServer, name: str) -> None:
    assert post(server, {}, (name, b"sound")).status_code == 200
    assert server.left_on_disk() == []


def test_too_large_an_upload_is_refused_by_its_stated_length_and_by_counting(
    start_server: StartServer,
) -> None:
    server = start_server(max_upload_bytes=1000)
    assert post(server, {}, ("talk.wav", bytes(1001))).status_code == 413
    stated = post(server, {}, ("talk.wav", bytes(3_000_000)))
    assert stated.status_code == 413
    assert error_of(stated)["code"] == "file_too_large"

    def chunks() -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(50):
            yield bytes(100_000)

    counted = httpx.post(
        f"{server.url}/v1/audio/transcriptions",
        content=chunks(),
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    assert counted.status_code == 413
    assert server.left_on_disk() == []


def test_one_too_many_at_once_is_a_503_with_retry_after(start_server: StartServer) -> None:
    slow = FakeRecognisers(FakeTranscriber(seconds_per_window=1.0))
    server = start_server(slow, max_concurrent=1)
    first = threading.Thread(target=post, args=(server, {}))
    first.start()
    time.sleep(0.4)
    response = post(server, {})
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) >= 1
    assert error_of(response)["code"] == "too_busy"
    first.join()
    assert post(server, {}).status_code == 200


def test_the_client_retries_what_was_too_busy(start_server: StartServer) -> None:
    slow = FakeRecognisers(FakeTranscriber(seconds_per_window=0.5))
    server = start_server(slow, max_concurrent=1)
    first = threading.Thread(target=post, args=(server, {}))
    first.start()
    time.sleep(0.2)
    client = server.client(retries=4)
    assert client.audio.transcriptions.create(file=FILE, model="whisper-1").text == TEXT
    first.join()


def test_a_client_who_leaves_ends_the_work(start_server: StartServer) -> None:
    slow = FakeRecognisers(FakeTranscriber(seconds_per_window=30.0))
    server = start_server(slow, max_concurrent=1)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{server.url}/v1/audio/transcriptions",
            files={"file": FILE},
            timeout=httpx.Timeout(5, read=0.5),
        )
    time.sleep(1.0)
    slow.transcriber.seconds_per_window = 0.0
    assert post(server, {"language": "en"}).status_code == 200  # another request wants its place
    assert server.left_on_disk() == []


def test_a_client_who_leaves_in_the_middle_of_the_upload_leaves_nothing(
    server: RunningServer,
) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            b"POST /v1/audio/transcriptions HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n"
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nsound'
        )
    time.sleep(0.5)
    assert server.left_on_disk() == []
    assert post(server, {}).status_code == 200


@pytest.mark.parametrize("fault", [Fault.FAIL, Fault.RAISE])
def test_a_failing_engine_is_a_500_in_the_contracts_words(
    start_server: StartServer, fault: Fault
) -> None:
    server = start_server(FakeRecognisers(FakeTranscriber(fault=fault)))
    response = post(server, {})
    assert response.status_code == 500
    assert error_of(response)["type"] == "server_error"
    assert "Traceback" not in response.text
    assert server.left_on_disk() == []


def test_too_little_memory_is_a_503_that_says_so(start_server: StartServer) -> None:
    server = start_server(FakeRecognisers(FakeTranscriber(fault=Fault.EXHAUST)))
    response = post(server, {})
    assert response.status_code == 503
    assert error_of(response)["code"] == "out_of_memory"
    assert "too little memory" in str(error_of(response)["message"])


def test_a_failing_engine_is_named_even_where_speakers_were_found(
    start_server: StartServer,
) -> None:
    server = start_server(FakeRecognisers(FakeTranscriber(fault=Fault.FAIL)))
    response = post(server, {"response_format": "diarized_json"})
    assert response.status_code == 500
    assert error_of(response)["code"] == "engine_error"


def test_speakers_are_shown_in_text_when_they_are_counted(server: RunningServer) -> None:
    assert "Speaker B: " in post(server, {"response_format": "text", "num_speakers": "2"}).text


def test_a_failing_diarizer_costs_the_speakers_not_the_words(start_server: StartServer) -> None:
    server = start_server(FakeRecognisers(diarizing=FakeDiarizer(fault=Fault.FAIL)))
    body = post(server, {"response_format": "diarized_json"}).json()
    assert body["text"] == TEXT
    assert "could not be told apart" in body["warnings"][0]


def test_a_recording_on_disk_can_be_sent_as_a_path(server: RunningServer, tmp_path: Path) -> None:
    recording = tmp_path / "talk.mp3"
    recording.write_bytes(b"sound")
    client = server.client()
    assert client.audio.transcriptions.create(file=recording, model="whisper-1").text == TEXT


def test_logprobs_say_how_sure_the_engine_was_of_each_word(server: RunningServer) -> None:
    answer = server.client().audio.transcriptions.create(
        file=FILE, model="gpt-4o-transcribe", include=["logprobs"]
    )
    assert answer.logprobs is not None
    assert "".join(piece.token or "" for piece in answer.logprobs) == TEXT
    second = answer.logprobs[1].model_dump()
    sure = pytest.approx(log(0.9), abs=1e-6)
    assert second == {"token": " word1", "bytes": list(b" word1"), "logprob": sure}


@pytest.mark.parametrize("format_", ["json", "verbose_json", "diarized_json"])
def test_white_space_keeps_a_slow_answer_in_json_alive(
    start_server: StartServer, format_: str
) -> None:
    slow = FakeRecognisers(FakeTranscriber(seconds_per_window=1.0))
    server = start_server(slow, keepalive_seconds=0.2)
    response = post(server, {"response_format": format_})
    assert response.text.startswith("   ")
    assert response.json()["text"] == TEXT
    answer = server.client().audio.transcriptions.create(file=FILE, model="whisper-1")
    assert answer.text == TEXT


def test_a_slow_answer_in_plain_text_is_the_text_alone(start_server: StartServer) -> None:
    slow = FakeRecognisers(FakeTranscriber(seconds_per_window=0.5))
    response = post(start_server(slow, keepalive_seconds=0.1), {"response_format": "text"})
    assert response.text == f"{TEXT}\n"


def test_an_error_after_white_space_is_the_body_of_a_200(start_server: StartServer) -> None:
    failing = FakeRecognisers(FakeTranscriber(seconds_per_window=2.0, fault=Fault.FAIL))
    response = post(start_server(failing, keepalive_seconds=0.2), {})
    assert response.status_code == 200
    assert response.text.startswith(" ")
    assert error_of(response)["code"] == "engine_error"


def test_a_quick_answer_states_its_length(server: RunningServer) -> None:
    response = post(server, {})
    assert int(response.headers["content-length"]) == len(response.content)
