"""Every ailment is found, and comes with its cure."""

import shutil
import socket
from pathlib import Path

import pytest

from quoth.adapters.memory.engines import FakeTranscriber
from quoth.adapters.sql.schema import open_database
from quoth.adapters.sql.workers import SqlWorkerStore
from quoth.adapters.weights.lock_file import write_lock
from quoth.bootstrap import doctor
from quoth.bootstrap.doctor import examine
from quoth.bootstrap.findings import Check, Finding, Level
from quoth.bootstrap.fleet_checks import shared_jobs
from quoth.bootstrap.stores import check_store
from quoth.config import Settings
from quoth.domain.catalogue import model_named
from quoth.domain.model_locks import LockedFile, LockedSource, ModelLock
from quoth.ports.workers import Worker
from tests.postgres import Postgres
from tests.tiny_parakeet import FOLDER


def found(settings: Settings, *checks: Check) -> list[Finding]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doctor, "CHECKS", checks)
        return list(examine(settings))


def named(findings: list[Finding], subject: str) -> Finding:
    return next(each for each in findings if each.subject == subject)


@pytest.mark.slow
def test_a_machine_that_is_well_is_told_so_with_the_known_words(tmp_path: Path) -> None:
    findings = list(examine(Settings(quoth_data=tmp_path)))
    assert all(each.level is not Level.FAILED for each in findings)
    assert "of the words right, 2 of 2 speakers" in named(findings, "self-test").told
    assert named(findings, "weights whisper-base").told == "whole"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.slow
def test_a_model_that_hears_other_words_fails_the_self_test(tmp_path: Path) -> None:
    settings = Settings(quoth_data=tmp_path, engine="sherpa", sherpa_model=str(FOLDER))
    (finding,) = found(settings, doctor._self_test)
    assert finding.level is Level.FAILED
    assert "heard:" in finding.told
    assert "ENGINE=whisper" in str(finding.cure)


def test_an_engine_that_cannot_start_names_the_command(tmp_path: Path) -> None:
    (finding,) = found(Settings(quoth_data=tmp_path, engine="sherpa"), doctor._engine)
    assert (finding.subject, finding.level) == ("engine", Level.FAILED)
    assert "quoth models pull" in str(finding.cure)


def test_a_better_engine_is_a_note_and_no_failure(tmp_path: Path) -> None:
    finding = named(found(Settings(quoth_data=tmp_path), doctor._engine), "engine")
    assert finding.level is Level.NOTE
    assert "quoth models pull parakeet" in str(finding.cure)


def test_the_diarizer_and_what_pyannote_lacks_are_told(tmp_path: Path) -> None:
    findings = found(Settings(quoth_data=tmp_path), doctor._diarizer)
    assert named(findings, "diarizer").told.startswith("onnx with segmentation-3.0 + campplus on ")
    lacking = named(findings, "diarizer pyannote")
    assert lacking.level is Level.OK
    assert "pip install" in str(lacking.cure) or "HF_TOKEN" in str(lacking.cure)


def test_damaged_weights_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "parakeet-tdt-0.6b-v3-int8"
    shutil.copytree(FOLDER, folder)
    subject, settings = f"weights {folder.name}", Settings(quoth_data=tmp_path)
    assert "by hand" in named(found(settings, doctor._weights), subject).told
    model = model_named(folder.name)
    file = LockedFile("tokens.txt", 1, "0" * 64)
    lock = ModelLock(model.name, (LockedSource("page", "1" * 64, (file,)),))
    write_lock(folder, lock)
    finding = named(found(settings, doctor._weights), subject)
    assert finding.level is Level.FAILED
    assert finding.cure == f"quoth models pull {folder.name}"


def test_a_decoder_that_is_not_there_is_named(tmp_path: Path) -> None:
    (finding,) = found(Settings(quoth_data=tmp_path, ffmpeg="/no/ffmpeg"), doctor._decoder)
    assert finding.level is Level.FAILED
    assert "apt install ffmpeg" in str(finding.cure)
    note, _ = found(Settings(quoth_data=tmp_path, ffmpeg="pyav"), doctor._decoder)
    assert note.level is Level.NOTE


def test_a_decoder_that_could_reach_the_network_is_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(quoth_data=tmp_path, ffmpeg="pyav")
    _, offline = found(settings, doctor._decoder)
    monkeypatch.setenv("PATH", str(tmp_path))  # no unshare
    _, online = found(settings, doctor._decoder)
    assert (online.level, online.subject) == (Level.NOTE, "decoder's network")
    assert "user namespaces" in str(online.cure)
    assert offline.level is (Level.OK if offline.cure is None else Level.NOTE)


def test_a_full_disk_or_a_forbidden_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (forbidden,) = found(Settings(quoth_data=Path("/proc/nowhere")), doctor._disk)
    assert forbidden.level is Level.FAILED
    monkeypatch.setattr(doctor, "LEAST_DISK_BYTES", 10**18)
    (full,) = found(Settings(quoth_data=tmp_path), doctor._disk)
    assert full.level is Level.FAILED
    assert "QUOTH_DATA" in str(full.cure)


def test_a_port_that_is_taken_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(doctor, "PORT", taken.getsockname()[1])
        (finding,) = found(Settings(quoth_data=tmp_path), doctor._port)
    assert finding.level is Level.NOTE
    assert "--port" in str(finding.cure)


@pytest.mark.slow
def test_what_processes_share_is_looked_at(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.emptied()
    settings = Settings(quoth_data=tmp_path, engine="none", database_url=url)
    (database,) = found(settings, shared_jobs)
    assert (database.subject, database.level) == ("database", Level.OK)
    check_store(settings, url)
    engine = open_database(url)
    SqlWorkerStore(engine).announce(Worker("w1", "rack-1", (FakeTranscriber().info,)))
    findings = found(settings, shared_jobs)
    assert named(findings, "workers").told == "1 up: fake on rack-1"
    assert named(findings, "store of the jobs").level is Level.OK
    SqlWorkerStore(engine).remove("w1")
    engine.dispose()
    assert named(found(settings, shared_jobs), "workers").level is Level.NOTE
    elsewhere = settings.model_copy(update={"store_url": str(tmp_path / "elsewhere")})
    store = named(found(elsewhere, shared_jobs), "store of the jobs")
    assert store.level is Level.FAILED
    assert "STORE_URL" in str(store.cure)
    assert not (tmp_path / "elsewhere").exists()


def test_a_server_without_engine_and_database_is_told_what_it_lacks(tmp_path: Path) -> None:
    settings = Settings(quoth_data=tmp_path, engine="none")
    findings = found(settings, doctor._engine, doctor._diarizer, shared_jobs, doctor._self_test)
    assert [each.level for each in findings if each.subject == "database"] == [Level.FAILED]
    assert "worker" in named(findings, "engine").told
