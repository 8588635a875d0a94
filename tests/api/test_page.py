"""The page at `/`, and that its types are made of what the API is."""

import gzip
import json
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from quoth.api import errors
from quoth.api.routes import page
from tests.api.conftest import RunningServer

OPENAPI = Path(__file__).parents[2] / "frontend" / "openapi.json"
SCRIPT = "console.log('a page');\n"


@pytest.fixture
def web(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Quoth</title>")
    (folder / "assets" / "index-1a2b.js").write_text(SCRIPT)
    (folder / "assets" / "index-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (tmp_path / "secret.txt").write_text("secret")
    return folder


def client_of(web: Path) -> TestClient:
    app = FastAPI()
    errors.install(app)
    app.include_router(page.router(web))
    return TestClient(app)


def test_the_committed_description_of_the_api_is_what_the_app_says(server: RunningServer) -> None:
    told = httpx.get(f"{server.url}/openapi.json").json()
    committed = json.loads(OPENAPI.read_text("utf-8"))
    assert committed == told, "run: python scripts/openapi.py && (cd frontend && npm run types)"


def test_without_a_build_the_page_says_so_and_links_to_the_documentation(tmp_path: Path) -> None:
    answer = client_of(tmp_path / "nothing").get("/")
    assert answer.status_code == 200
    assert "scripts/build_frontend.sh" in answer.text
    assert 'href="docs"' in answer.text


def test_the_page_runs_only_scripts_of_its_own_files_and_is_asked_for_anew(web: Path) -> None:
    answer = client_of(web).get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-cache"


def test_assets_are_kept_for_good_and_compressed_for_whoever_takes_that(web: Path) -> None:
    client = client_of(web)
    packed = client.get("/assets/index-1a2b.js", headers={"accept-encoding": "gzip"})
    plain = client.get("/assets/index-1a2b.js", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text == SCRIPT
    assert packed.headers["content-type"] == plain.headers["content-type"]
    assert packed.headers["content-type"].startswith("text/javascript")
    assert "immutable" in packed.headers["cache-control"]


@pytest.mark.parametrize(
    "address",
    [
        "/assets/..%2f..%2fsecret.txt",
        "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/assets/%2e%2e",
        "/assets/%2e",
        "/assets/index-1a2b.css",
        "/assets/%00",
    ],
)
def test_nothing_but_assets_is_given_out(web: Path, address: str) -> None:
    answer = client_of(web).get(address)
    assert answer.status_code == 404
    assert "secret" not in answer.text
