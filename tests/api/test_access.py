"""Keys, owners and the gate on a real server, and how little is read of a stranger."""

import socket
import time
from pathlib import Path

import httpx
import pytest

from quoth.adapters.storage.key_file import FileKeyRing
from quoth.auth.access import Access
from quoth.auth.origins import Policy
from quoth.domain.keys import Quotas, Scope
from quoth.use_cases.manage_keys import ManageKeys
from tests.api.conftest import AUDIO, Guarded, StartServer, job_of

MODEL = {"model": "whisper-1"}
MOST_BYTES_READ = 64 * 1024


def test_what_belongs_to_one_key_is_not_there_for_another(
    guarded: Guarded, ana: httpx.Client, ben: httpx.Client
) -> None:
    job = job_of(ana)
    assert [each["id"] for each in ana.get("/v1/jobs").json()["data"]] == [job]
    assert ben.get("/v1/jobs").json()["data"] == []
    for method, path in [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/cancel"),
        ("POST", "/retry"),
        ("POST", "/rediarize"),
        ("GET", "/events"),
        ("GET", "/transcript"),
        ("GET", "/audio"),
        ("GET", "/peaks"),
        ("GET", "/edits"),
        ("POST", "/edits/undo"),
        ("GET", "/shares"),
        ("POST", "/shares"),
        ("DELETE", "/shares/1"),
    ]:
        body = {"name": "mine"} if method == "PATCH" else {} if method == "POST" else None
        answer = ben.request(method, f"/v1/jobs/{job}{path}", json=body)
        assert answer.status_code == 404, (method, path, answer.text)
    assert ana.get(f"/v1/jobs/{job}").status_code == 200
    assert httpx.get(f"{guarded.server.url}/v1/jobs/{job}").status_code == 401


def test_an_upload_is_its_makers_alone(ana: httpx.Client, ben: httpx.Client) -> None:
    headers = {"tus-resumable": "1.0.0", "upload-length": "5"}
    bytes_follow = {"content-type": "application/offset+octet-stream", "upload-offset": "0"}
    made = ana.post("/v1/uploads", headers=headers | bytes_follow, content=b"sound")
    assert made.status_code == 201, made.text
    upload = made.json()["id"]
    for method in ("GET", "HEAD", "DELETE"):
        assert ben.request(method, f"/v1/uploads/{upload}", headers=headers).status_code == 404
    patch = ben.patch(f"/v1/uploads/{upload}", headers=headers | bytes_follow, content=b"x")
    assert patch.status_code == 404
    form = {"upload_id": upload}
    assert ben.post("/v1/jobs", data=form, files={}).status_code in {400, 404}
    stolen = ben.post("/v1/jobs", files={"upload_id": (None, upload)})
    assert (stolen.status_code, stolen.json()["error"]["code"]) == (404, "upload_not_found")
    assert ana.post("/v1/jobs", files={"upload_id": (None, upload)}).status_code == 202


def test_a_key_does_what_its_scopes_say_and_no_more(guarded: Guarded, ana: httpx.Client) -> None:
    job = job_of(ana)
    assert ana.get("/v1/keys").status_code == 403
    with guarded.caller(Scope.READ) as reader:
        sent = reader.post("/v1/jobs", files={"file": ("a.wav", AUDIO)})
        assert (sent.status_code, sent.json()["error"]["code"]) == (403, "scope_missing")
        assert reader.get("/v1/jobs").status_code == 200
        assert reader.delete(f"/v1/jobs/{job}").status_code == 403
    with guarded.caller(Scope.TRANSCRIBE) as sender:
        own = job_of(sender)
        assert sender.get(f"/v1/jobs/{own}/transcript").status_code == 403
        assert sender.post(f"/v1/jobs/{own}/shares").status_code == 403
        assert sender.post(f"/v1/jobs/{own}/edits/undo").status_code == 403


def test_an_admin_makes_and_takes_back_keys(guarded: Guarded, ben: httpx.Client) -> None:
    made = ben.post("/v1/keys", json={"name": "phone", "scopes": ["read"]}).json()
    assert made["key"] not in ben.get("/v1/keys").text
    assert made["key"].encode() not in b"".join(
        path.read_bytes() for path in guarded.server.data.rglob("*") if path.is_file()
    )
    with guarded.with_key(made["key"]) as phone:
        assert phone.get("/v1/jobs").status_code == 200
        rotated = ben.post(f"/v1/keys/{made['id']}/rotate").json()
        assert phone.get("/v1/jobs").status_code == 401
    with guarded.with_key(rotated["key"]) as phone:
        assert phone.get("/v1/jobs").status_code == 200
        assert ben.delete(f"/v1/keys/{made['id']}").status_code == 204
        assert phone.get("/v1/jobs").status_code == 401
    assert ben.delete(f"/v1/keys/{made['id']}").status_code == 404
    for bad in ({"name": ""}, {"name": "x", "scopes": []}, {"name": "x", "quotas": {"a": 1}}):
        assert ben.post("/v1/keys", json=bad).status_code == 400


def test_a_key_sends_in_as_much_audio_an_hour_as_is_allowed_to_each(
    start_server: StartServer, tmp_path: Path
) -> None:
    ring = FileKeyRing(tmp_path / "data0" / "api-keys.json")
    access = Access(ring, time.time, Policy(is_key_always_required=True))
    server = start_server(access=access, environment={"AUDIO_SECONDS_PER_HOUR": "30"})
    guarded = Guarded(server, ManageKeys(ring, time.time))
    form = {"file": ("a.wav", AUDIO)}  # of 20 seconds
    with guarded.caller() as one, guarded.caller() as other:
        assert one.post("/v1/jobs", files=form).status_code == 202
        assert one.post("/v1/audio/transcriptions", files=form).status_code == 200
        for path in ("/v1/jobs", "/v1/audio/transcriptions"):
            refused = one.post(path, files=form)
            assert refused.status_code == 429
            assert 3500 < int(refused.headers["retry-after"]) <= 3601
            assert "30 in 3600 seconds" in refused.json()["error"]["message"]
        assert other.post("/v1/jobs", files=form).status_code == 202


def test_a_key_sends_in_as_much_as_its_quota_and_no_more(guarded: Guarded) -> None:
    with guarded.caller(quotas=Quotas(bytes_per_day=2 * len(AUDIO))) as client:
        job_of(client)
        now = client.post("/v1/audio/transcriptions", files={"file": ("a.wav", AUDIO)}, data=MODEL)
        assert now.status_code == 200, now.text
        for path in ("/v1/jobs", "/v1/audio/transcriptions"):
            more = client.post(path, files={"file": ("b.wav", AUDIO)}, data=MODEL)
            assert (more.status_code, more.json()["error"]["code"]) == (429, "rate_limit_exceeded")
            assert 0 < int(more.headers["retry-after"]) <= 86_400
        assert len(client.get("/v1/jobs").json()["data"]) == 1
    with guarded.caller(quotas=Quotas(concurrent_jobs=0)) as client:
        assert client.post("/v1/jobs", files={"file": ("a.wav", AUDIO)}).status_code == 429


def test_an_admin_sees_when_a_key_was_used_last(guarded: Guarded, ben: httpx.Client) -> None:
    guarded.keys.create("never used")
    began = time.time()
    ben.get("/v1/jobs")
    job_of(ben)
    told = {key["name"]: key for key in ben.get("/v1/keys").json()["data"]}
    assert told["never used"]["used_today"] == {"audio_seconds": 0.0, "bytes": 0}
    assert told["somebody"]["used_today"]["bytes"] == len(AUDIO)
    used = {name: key["last_used_at"] for name, key in told.items()}
    assert used["never used"] is None
    assert began - 1 < used["somebody"] <= time.time()


def test_whoami_explains_and_a_bad_key_is_answered_as_everywhere(guarded: Guarded) -> None:
    found = httpx.get(f"{guarded.server.url}/v1/whoami").json()
    assert found["is_let_in"] is False
    assert found["needs_key"] is True
    assert "AUTH=required" in found["reason"]
    with guarded.caller(Scope.READ) as reader:
        found = reader.get("/v1/whoami").json()
        assert (found["is_let_in"], found["key"], found["scopes"]) == (True, "somebody", ["read"])
    with guarded.with_key("quoth_unknown") as stranger:
        assert stranger.get("/v1/whoami").status_code == 401
        assert stranger.get("/health").status_code == 200


def test_of_a_strangers_upload_next_to_nothing_is_read(guarded: Guarded) -> None:
    head = (
        f"POST /v1/audio/transcriptions HTTP/1.1\r\nHost: 127.0.0.1:{guarded.server.port}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", guarded.server.port), 30) as connection:
        connection.sendall(head.encode())
        answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 401")
        assert b"connection: close" in answer.lower()
        sent = 0
        with pytest.raises(OSError):  # noqa: PT011 - reset, or a broken pipe
            while sent < 50 * 1024 * 1024:
                sent += connection.send(bytes(MOST_BYTES_READ))
                time.sleep(0.01)
    assert guarded.server.left_on_disk() == []


def test_every_answer_tells_browsers_what_not_to_do(guarded: Guarded, ana: httpx.Client) -> None:
    pages = ana.get("/v1/jobs"), ana.get("/nothing"), httpx.get(f"{guarded.server.url}/v1/jobs")
    for answer in pages:
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers


def test_only_named_pages_of_other_sites_may_ask(ana: httpx.Client) -> None:
    named = ana.get("/v1/jobs", headers={"origin": "https://page.example"})
    assert named.headers["access-control-allow-origin"] == "https://page.example"
    other = ana.get("/v1/jobs", headers={"origin": "https://other.example"})
    assert other.status_code == 403
    assert "access-control-allow-origin" not in other.headers
    asks = {"access-control-request-method": "POST", "origin": "https://page.example"}
    assert ana.options("/v1/jobs", headers=asks).status_code == 200
    asks["origin"] = "https://other.example"
    assert ana.options("/v1/jobs", headers=asks).status_code == 400
