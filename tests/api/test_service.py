"""Models, health, documentation and errors."""

import json

import httpx
import openai
import pytest

from quoth import __version__
from quoth.domain.gpus import GB, Gpu, GpuMemory
from tests.api.conftest import RunningServer


def test_models_lists_what_is_installed_and_what_it_can_do(server: RunningServer) -> None:
    models = list(server.client().models.list())
    assert [model.id for model in models] == ["fake", "fake/large"]
    assert models[0].model_extra is not None
    assert models[0].model_extra["languages"] == ["de", "en"]


@pytest.mark.parametrize("name", ["fake", "fake/large", "whisper-1", "gpt-4o-transcribe-diarize"])
def test_a_model_can_be_asked_about_by_name(server: RunningServer, name: str) -> None:
    assert server.client().models.retrieve(name).id == name


def test_an_unknown_model_is_not_found(server: RunningServer) -> None:
    with pytest.raises(openai.NotFoundError) as failure:
        server.client().models.retrieve("gpt-2")
    assert failure.value.code == "model_not_found"


def test_health_says_what_the_server_is(server: RunningServer) -> None:
    assert httpx.get(f"{server.url}/health").json() == {
        "status": "ok",
        "version": __version__,
        "engine": "fake",
        "model": "fake",
        "engine_choice": "Engine fake, model fake, on cpu. It is the only one.",
        "asr_provider": "memory",
        "device": "cpu",
        "gpu": None,
        "ort_arena_extend_strategy": None,
        "diarizer": "fake (fake)",
        "parallel_diarization": True,
        "loaded": True,
        "warnings": [],
    }


def test_health_tells_a_gpu_and_what_is_held_of_it(server: RunningServer) -> None:
    server.recognisers.gpu = Gpu("RTX 3090", 24 * GB, 20 * GB, "570.1")
    server.recognisers.gpu_memory = GpuMemory(2 * GB, 3 * GB)
    assert httpx.get(f"{server.url}/health").json()["gpu"] == {
        "name": "RTX 3090",
        "memory_bytes": 24 * GB,
        "free_bytes": 20 * GB,
        "reserved_bytes": 2 * GB,
        "peak_bytes": 3 * GB,
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/audio/transcriptions", 405),
        ("PUT", "/health", 405),
    ],
)
def test_what_is_not_there_is_answered_in_the_contracts_words(
    server: RunningServer, method: str, path: str, status: int
) -> None:
    response = httpx.request(method, server.url + path)
    assert response.status_code == status
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}
    assert response.headers["x-request-id"].startswith("req_")


def test_the_documentation_describes_the_form(server: RunningServer) -> None:
    page = httpx.get(f"{server.url}/docs")
    assert page.status_code == 200
    assert "//" not in page.text.replace(server.url, ""), "the page loads something from elsewhere"
    document = httpx.get(f"{server.url}/openapi.json").json()
    body = document["paths"]["/v1/audio/transcriptions"]["post"]["requestBody"]
    properties = body["content"]["multipart/form-data"]["schema"]["properties"]
    assert {"file", "model", "num_speakers", "diarize", "stream", "keywords"} <= set(properties)
    assert properties["chunking_strategy"]["properties"]["threshold"]["description"]
    assert "$ref" not in json.dumps(body), "a reference that leads nowhere"
    assert "/v1/audio/translations" in document["paths"]
    answers = document["paths"]["/v1/audio/transcriptions"]["post"]["responses"]["200"]
    assert {"text/event-stream", "text/vtt"} <= set(answers["content"])


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example:8000"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Host": ""},
    ],
)
def test_pages_of_other_sites_are_refused(server: RunningServer, headers: dict[str, str]) -> None:
    response = httpx.get(f"{server.url}/health", headers=headers)
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "forbidden_origin"


def test_the_servers_own_pages_are_answered(server: RunningServer) -> None:
    port = server.url.rsplit(":", 1)[1]
    own = {"Host": f"localhost:{port}", "Origin": f"http://localhost:{port}"}
    assert httpx.get(f"{server.url}/health", headers=own).status_code == 200
