"""`/v1/jobs`, driven as a client does."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from quoth.adapters.memory.engines import FakeTranscriber, Fault
from quoth.api import job_intake
from tests import tus
from tests.api.conftest import FakeRecognisers, RunningServer, StartServer

SOUND = ("talk.wav", b"the bytes of a recording")


def post(server: RunningServer, *files: tuple[str, bytes], **fields: Any) -> httpx.Response:
    headers = fields.pop("headers", {})
    sent = [("file", file) for file in files or (SOUND,)]
    return httpx.post(f"{server.url}/v1/jobs", files=sent, data=fields, headers=headers)


def get(server: RunningServer, path: str, **parameters: Any) -> Any:
    return httpx.get(f"{server.url}/v1/jobs{path}", params=parameters).raise_for_status().json()


def finished(server: RunningServer, job_id: str) -> dict[str, Any]:
    """Wait for the end by the events, as a page does."""
    *_, last = events(server, job_id)
    return last


def events(server: RunningServer, job_id: str, last_id: int = 0) -> Iterator[dict[str, Any]]:
    headers = {"Last-Event-ID": str(last_id)} if last_id else {}
    url = f"{server.url}/v1/jobs/{job_id}/events"
    with httpx.stream("GET", url, headers=headers, timeout=30) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        for line in response.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def test_a_recording_becomes_a_job_and_the_job_a_transcript(server: RunningServer) -> None:
    response = post(server, num_speakers=2)
    assert response.status_code == 202
    job = response.json()
    assert response.headers["location"] == f"/v1/jobs/{job['id']}"
    assert (job["object"], job["name"], job["status"]) == ("job", "talk.wav", "queued")
    done = finished(server, job["id"])
    assert (done["status"], done["fraction"], done["error"]) == ("completed", 1.0, None)
    assert done["started_at"] <= done["finished_at"]
    transcript = get(server, f"/{job['id']}/transcript")
    assert transcript["text"].startswith("word0 word1")
    assert [speaker["id"] for speaker in transcript["speakers"]] == ["A", "B"]


def test_several_files_make_several_jobs(server: RunningServer) -> None:
    answer = post(server, ("a.wav", b"a"), ("b.wav", b"b")).json()
    assert answer["object"] == "list"
    assert [job["name"] for job in answer["data"]] == ["a.wav", "b.wav"]
    assert {finished(server, job["id"])["status"] for job in answer["data"]} == {"completed"}


def test_a_finished_upload_becomes_a_job_and_is_no_upload_any_more(server: RunningServer) -> None:
    address = tus.create(server.url, 9, filename="interview.mp3")
    assert tus.patch(address, 0, b"the bytes").status_code == 204
    upload_id = address.rpartition("/")[2]
    job = httpx.post(f"{server.url}/v1/jobs", files={"upload_id": (None, upload_id)}).json()
    assert job["name"] == "interview.mp3"
    assert finished(server, job["id"])["status"] == "completed"
    assert httpx.get(address).status_code == 404
    assert httpx.get(f"{server.url}/v1/jobs/{job['id']}/audio").content == b"the bytes"


def finished_upload(server: RunningServer) -> tuple[str, str]:
    address = tus.create(server.url, 9, filename="interview.mp3")
    assert tus.patch(address, 0, b"the bytes").status_code == 204
    return address, address.rpartition("/")[2]


def of_upload(server: RunningServer, upload_id: str, **headers: str) -> httpx.Response:
    sent = {"upload_id": (None, upload_id)}
    return httpx.post(f"{server.url}/v1/jobs", files=sent, headers=headers)


def test_an_upload_for_which_there_is_no_room_now_is_still_there_later(
    start_server: StartServer,
) -> None:
    slow = FakeRecognisers(transcriber=FakeTranscriber(seconds_per_window=5.0))
    server = start_server(slow, most_waiting=30.0)
    address, upload_id = finished_upload(server)
    first = post(server).json()
    assert of_upload(server, upload_id).status_code == 503
    assert httpx.head(address, headers={"Tus-Resumable": "1.0.0"}).status_code == 200
    httpx.delete(f"{server.url}/v1/jobs/{first['id']}", timeout=20).raise_for_status()
    assert of_upload(server, upload_id).status_code == 202
    assert httpx.head(address, headers={"Tus-Resumable": "1.0.0"}).status_code == 404


def test_a_job_of_an_upload_asked_for_again_under_its_key_is_the_first(
    server: RunningServer,
) -> None:
    _, upload_id = finished_upload(server)
    key = {"Idempotency-Key": "once"}
    first = of_upload(server, upload_id, **key)
    again = of_upload(server, upload_id, **key)
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    assert of_upload(server, upload_id).status_code == 404
    assert of_upload(server, "0" * 32, **key).status_code == 409
    assert get(server, "")["total"] == 1


def test_an_upload_asked_for_by_many_at_once_becomes_one_job(server: RunningServer) -> None:
    _, upload_id = finished_upload(server)
    codes: list[int] = []
    threads = [
        threading.Thread(target=lambda: codes.append(of_upload(server, upload_id).status_code))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(codes) - {404, 423}) == [202]
    assert get(server, "")["total"] == codes.count(202) == 1


@pytest.mark.parametrize(
    ("files", "fields", "parameter"),
    [
        ([("a.wav", b"")], {}, "file"),
        ([SOUND], {"language": "xx"}, "language"),
        ([SOUND], {"num_speakers": "0"}, "num_speakers"),
        ([SOUND], {"num_speakers": "2", "max_speakers": "3"}, "num_speakers"),
        ([SOUND], {"temperature": "warm"}, "temperature"),
        ([SOUND], {"webhook_url": "ftp://example.org"}, "webhook_url"),
    ],
)
def test_what_cannot_be_served_is_refused_at_once_and_leaves_nothing(
    server: RunningServer,
    files: list[tuple[str, bytes]],
    fields: dict[str, str],
    parameter: str,
) -> None:
    response = post(server, *files, **fields)
    assert response.status_code == 400
    assert response.json()["error"]["param"] == parameter
    assert get(server, "")["total"] == 0
    assert list((server.data / "jobs").glob("*")) == []
    assert server.left_on_disk() == []


def test_a_form_without_a_recording_says_what_to_send(server: RunningServer) -> None:
    response = httpx.post(f"{server.url}/v1/jobs", files={"language": (None, "en")})
    assert response.status_code == 400
    assert "upload_id" in response.json()["error"]["message"]


def test_the_same_key_again_gives_the_first_job(server: RunningServer) -> None:
    key = {"Idempotency-Key": "once"}
    first = post(server, headers=key).json()
    assert post(server, headers=key).json()["id"] == first["id"]
    assert get(server, "")["total"] == 1
    other = post(server, ("talk.wav", b"other bytes"), headers=key)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_conflict")


def test_twenty_requests_with_one_key_at_once_make_one_job(server: RunningServer) -> None:
    ids: list[str] = []

    def ask() -> None:
        ids.append(post(server, headers={"Idempotency-Key": "crowd"}).json()["id"])

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 20
    assert len(set(ids)) == 1
    assert len(list((server.data / "jobs").iterdir())) == 1


def test_jobs_are_listed_page_by_page_the_newest_first(server: RunningServer) -> None:
    names = [post(server, (f"{n}.wav", b"a")).json()["name"] for n in range(5)]
    page = get(server, "", limit=2)
    seen = [job["name"] for job in page["data"]]
    assert (page["total"], page["has_more"]) == (5, True)
    while page["has_more"]:
        page = get(server, "", limit=2, after=page["next"])
        seen += [job["name"] for job in page["data"]]
    assert seen == names[::-1]
    assert page["next"] is None


def test_a_job_that_is_deleted_meanwhile_ends_no_list(server: RunningServer) -> None:
    for n in range(4):
        post(server, (f"{n}.wav", b"a"))
    page = get(server, "", limit=2)
    last = page["data"][-1]["id"]
    assert (
        get(server, "", limit=2, after=last)["data"]
        == (get(server, "", limit=2, after=page["next"])["data"])
    )
    httpx.delete(f"{server.url}/v1/jobs/{last}")
    rest = get(server, "", limit=2, after=page["next"])
    assert [job["name"] for job in rest["data"]] == ["1.wav", "0.wav"]
    assert httpx.get(f"{server.url}/v1/jobs", params={"after": last}).status_code == 404
    for nonsense in ("x_y", "nan_1", "_"):
        answer = httpx.get(f"{server.url}/v1/jobs", params={"after": nonsense})
        assert answer.status_code == 400
        assert answer.json()["error"]["param"] == "after"


def test_jobs_are_found_by_words_of_their_names_and_transcripts(server: RunningServer) -> None:
    one, other = post(server, ("Böse Zungen.wav", b"a"), ("other.wav", b"b")).json()["data"]
    for job in (one, other):
        finished(server, job["id"])
    assert [job["id"] for job in get(server, "", q="bose zung")["data"]] == [one["id"]]
    assert get(server, "", q="word0 word3")["total"] == 2
    assert get(server, "", q="absent")["total"] == 0
    assert get(server, "", q='") OR "')["total"] in {0, 2}
    assert get(server, "", status="completed")["total"] == 2
    assert get(server, "", status="failed")["total"] == 0


def test_a_job_is_found_by_the_names_its_speakers_were_given(server: RunningServer) -> None:
    job = post(server, speaker_names="Zora,Milan").json()
    finished(server, job["id"])
    assert [found["id"] for found in get(server, "", q="zora")["data"]] == [job["id"]]


def test_events_go_on_where_a_client_left_off(server: RunningServer) -> None:
    job = post(server).json()
    seen = list(events(server, job["id"]))
    assert seen[-1]["status"] == "completed"
    assert [each["revision"] for each in seen] == sorted({each["revision"] for each in seen})
    last = seen[-1]["revision"]
    assert [each["revision"] for each in events(server, job["id"], last - 1)] == [last]
    over = {"last-event-id": str(last)}
    answer = httpx.get(f"{server.url}/v1/jobs/{job['id']}/events", headers=over)
    assert (answer.status_code, answer.content) == (204, b"")  # or EventSource would come back


def test_a_running_job_is_cancelled_within_a_second_and_can_be_tried_again(
    start_server: StartServer,
) -> None:
    slow = FakeTranscriber(seconds_per_window=5.0)
    server = start_server(FakeRecognisers(transcriber=slow))
    job = post(server).json()
    stream = events(server, job["id"])
    assert any(each["status"] == "running" for each in stream)
    started = time.monotonic()
    cancelled = httpx.post(f"{server.url}/v1/jobs/{job['id']}/cancel").json()
    assert cancelled["status"] == "cancelled"
    assert time.monotonic() - started < 1.0
    again = httpx.post(f"{server.url}/v1/jobs/{job['id']}/cancel")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "wrong_job_state")
    server.recognisers.transcriber = FakeTranscriber()
    retried = httpx.post(f"{server.url}/v1/jobs/{job['id']}/retry")
    assert (retried.status_code, retried.json()["attempt"]) == (202, 2)
    assert finished(server, job["id"])["status"] == "completed"


def test_an_engine_that_fails_fails_the_job_with_its_reason(start_server: StartServer) -> None:
    server = start_server(FakeRecognisers(transcriber=FakeTranscriber(fault=Fault.FAIL)))
    job = post(server).json()
    done = finished(server, job["id"])
    assert done["status"] == "failed"
    assert done["error"]["code"] == "engine_error"
    assert done["error"]["message"]
    missing = httpx.get(f"{server.url}/v1/jobs/{job['id']}/transcript")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "nothing_kept")


def test_a_deleted_job_leaves_nothing(server: RunningServer) -> None:
    job = post(server, ("canary-name.wav", b"canary-bytes")).json()
    finished(server, job["id"])
    name = {"kind": "rename_speaker", "speaker": "A", "name": "canary-person"}
    httpx.post(f"{server.url}/v1/jobs/{job['id']}/edits", json=name).raise_for_status()
    assert httpx.delete(f"{server.url}/v1/jobs/{job['id']}").status_code == 204
    assert httpx.get(f"{server.url}/v1/jobs/{job['id']}").status_code == 404
    everything = b"".join(p.read_bytes() for p in server.data.rglob("*") if p.is_file())
    for canary in (b"canary", b"word13", job["id"].encode()):
        assert canary not in everything.lower()


def test_a_running_job_can_be_deleted(start_server: StartServer) -> None:
    server = start_server(FakeRecognisers(transcriber=FakeTranscriber(seconds_per_window=5.0)))
    job = post(server).json()
    assert any(each["status"] == "running" for each in events(server, job["id"]))
    assert httpx.delete(f"{server.url}/v1/jobs/{job['id']}", timeout=20).status_code == 204
    assert not (server.data / "jobs" / job["id"]).exists()


@pytest.mark.parametrize(
    "name", ["txt", "srt", "vtt", "json", "md", "docx", "rttm", "tsv", "seglst"]
)
def test_a_transcript_is_had_in_every_format(server: RunningServer, name: str) -> None:
    job = post(server, ("Gespräch.wav", b"a")).json()
    finished(server, job["id"])
    url = f"{server.url}/v1/jobs/{job['id']}/transcript"
    response = httpx.get(url, params={"format": name, "download": True}).raise_for_status()
    assert response.content
    assert "Gespr%C3%A4ch" in response.headers["content-disposition"]
    tag = {"If-None-Match": response.headers["etag"]}
    assert httpx.get(url, params={"format": name}, headers=tag).status_code == 304


def test_an_unknown_format_is_told_with_those_there_are(server: RunningServer) -> None:
    job = post(server).json()
    finished(server, job["id"])
    response = httpx.get(f"{server.url}/v1/jobs/{job['id']}/transcript", params={"format": "pdf"})
    assert response.status_code == 400
    assert "srt" in response.json()["error"]["message"]


def test_audio_is_given_by_ranges_and_never_as_a_page(server: RunningServer) -> None:
    job = post(server, ("evil.html", b"<script>0123456789")).json()
    url = f"{server.url}/v1/jobs/{job['id']}/audio"
    whole = httpx.get(url)
    assert whole.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in whole.headers["content-security-policy"]
    part = httpx.get(url, headers={"Range": "bytes=8-9"})
    assert (part.status_code, part.content) == (206, b"01")


def test_the_outline_is_that_of_the_sound(server: RunningServer) -> None:
    job = post(server).json()
    finished(server, job["id"])
    outline = get(server, f"/{job['id']}/peaks")
    assert outline["length"] == 200
    assert set(outline["data"]) == {13}


def test_edits_are_seen_undone_and_refused_when_somebody_was_faster(server: RunningServer) -> None:
    job = post(server).json()
    finished(server, job["id"])
    url = f"{server.url}/v1/jobs/{job['id']}/edits"
    before = httpx.get(url).json()
    name = {"kind": "rename_speaker", "speaker": "A", "name": "Anna"}
    edited = httpx.post(url, json=name, headers={"If-Match": before["etag"]})
    assert edited.headers["etag"] == edited.json()["etag"] != before["etag"]
    stale = httpx.post(url, json=name, headers={"If-Match": before["etag"]})
    assert (stale.status_code, stale.json()["error"]["code"]) == (412, "stale_version")
    assert get(server, f"/{job['id']}/transcript")["speakers"][0]["name"] == "Anna"
    assert get(server, "", q="anna")["total"] == 1
    machine = get(server, f"/{job['id']}/transcript", edited=False)
    assert machine["speakers"][0]["name"] == "Speaker A"
    undone = httpx.post(f"{url}/undo").json()
    assert (undone["can_undo"], undone["can_redo"]) == (False, True)
    assert undone["transcript"]["speakers"][0]["name"] == "Speaker A"
    assert httpx.post(f"{url}/redo").json()["transcript"]["speakers"][0]["name"] == "Anna"
    nothing = httpx.post(f"{url}/redo")
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (409, "nothing_to_redo")


def test_the_state_of_editing_has_each_word_once(server: RunningServer) -> None:
    job = post(server).json()
    finished(server, job["id"])
    state = httpx.get(f"{server.url}/v1/jobs/{job['id']}/edits")
    whole = get(server, f"/{job['id']}/transcript")
    shown = state.json()["transcript"]
    assert [word for each in shown["segments"] for word in each["words"]] == whole["words"]
    assert state.text.count("word13") == 2  # in the segment's text, and by itself


def test_edits_of_an_unknown_kind_are_refused(server: RunningServer) -> None:
    job = post(server).json()
    finished(server, job["id"])
    response = httpx.post(f"{server.url}/v1/jobs/{job['id']}/edits", json={"kind": "explode"})
    assert response.status_code == 400
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}


def test_speakers_are_told_apart_anew_and_names_stay(server: RunningServer) -> None:
    job = post(server).json()
    finished(server, job["id"])
    url = f"{server.url}/v1/jobs/{job['id']}"
    name = {"kind": "rename_speaker", "speaker": "A", "name": "Anna"}
    httpx.post(f"{url}/edits", json=name).raise_for_status()
    again = httpx.post(f"{url}/rediarize", json={"num_speakers": 2}).raise_for_status().json()
    assert [speaker["name"] for speaker in again["speakers"]] == ["Anna", "Speaker B"]


def test_a_job_is_found_by_what_a_reader_sees_after_speakers_were_told_apart_anew(
    server: RunningServer,
) -> None:
    job = post(server).json()
    finished(server, job["id"])
    url = f"{server.url}/v1/jobs/{job['id']}"
    name = {"kind": "rename_speaker", "speaker": "A", "name": "Anna"}
    httpx.post(f"{url}/edits", json=name).raise_for_status()
    anew = {"num_speakers": 2, "speaker_names": ["Zora", "Yann"]}
    httpx.post(f"{url}/rediarize", json=anew).raise_for_status()
    found = {name: get(server, "", q=name)["total"] for name in ("Anna", "Yann", "Zora")}
    assert found == {"Anna": 1, "Yann": 1, "Zora": 0}


def test_a_job_can_be_called_something_else(server: RunningServer) -> None:
    job = post(server).json()
    url = f"{server.url}/v1/jobs/{job['id']}"
    assert httpx.patch(url, json={"name": "Interview"}).json()["name"] == "Interview"
    assert get(server, "", q="interview")["total"] == 1
    assert httpx.patch(url, json={"name": ""}).status_code == 400


@pytest.mark.parametrize("path", ["", "/transcript", "/audio", "/peaks", "/events", "/edits"])
def test_a_job_that_is_not_there_is_not_found(server: RunningServer, path: str) -> None:
    for job_id in ("0" * 32, "..%2f..%2fetc", "x"):
        response = httpx.get(f"{server.url}/v1/jobs/{job_id}{path}")
        assert response.status_code == 404, job_id


def test_too_much_waiting_is_refused_with_an_honest_wait(
    start_server: StartServer,
) -> None:
    slow = FakeRecognisers(transcriber=FakeTranscriber(seconds_per_window=5.0))
    server = start_server(slow, most_waiting=50.0)
    assert [post(server).status_code for _ in range(2)] == [202, 202]
    refused = post(server)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "queue_full")
    assert int(refused.headers["retry-after"]) >= 1
    assert get(server, "")["total"] == 2


def test_every_change_of_any_job_is_told(server: RunningServer) -> None:
    with httpx.stream("GET", f"{server.url}/v1/jobs/events", timeout=30) as response:
        lines = response.iter_lines()
        job = post(server).json()
        for line in lines:
            if line.startswith("data: "):
                seen = json.loads(line.removeprefix("data: "))
                assert seen["id"] == job["id"]
                if seen["status"] == "completed":
                    break


def test_the_documentation_describes_the_form_of_a_job(server: RunningServer) -> None:
    paths = httpx.get(f"{server.url}/openapi.json").json()["paths"]
    body = paths["/v1/jobs"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert {"file", "upload_id", "num_speakers", "webhook_url"} <= set(body["properties"])
    assert job_intake.openapi_body()["requestBody"]["content"]
