"""A process that does jobs and answers nobody: `quoth worker`."""

import logging
import os
import signal
from pathlib import Path
from threading import Event
from typing import NoReturn

from quoth.bootstrap.fleet import Role, Skills
from quoth.bootstrap.jobs import JobService, build_jobs
from quoth.bootstrap.recognisers import Installation
from quoth.config import Settings
from quoth.domain.job_errors import NoDatabase

log = logging.getLogger(__name__)


def work(settings: Settings, alive: Path | None = None) -> NoReturn:
    """Do jobs until told to stop; the process ends with it.

    Args:
        settings: of the installation.
        alive: a file that is touched again and again while the process is well.

    Raises:
        NoDatabase: if there is nobody to take jobs from.
        EngineUnavailable, MissingTool: if something it needs is missing.
        DatabaseUnavailable: if the database cannot be used.
        WrongStore: if the jobs of the database lie in another folder.
    """
    if settings.database_url is None:
        raise NoDatabase
    installation = Installation(settings)
    skills = Skills(installation.installed(), installation.diarizer)
    service = build_jobs(settings, installation, role=Role.WORKER, skills=skills)
    run_until_told(service, settings.drain_seconds, alive)
    installation.close()
    logging.shutdown()
    os._exit(0)


def run_until_told(service: JobService, drain_seconds: float, alive: Path | None = None) -> None:
    """Take jobs until SIGTERM or SIGINT; then finish what there is time for and hand on the rest.

    A second signal ends the process where it is.
    """
    told = Event()

    def stop(number: int, _frame: object) -> None:
        if told.is_set():
            os._exit(128 + number)
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    if alive is not None and service.company is not None:
        service.company.membership.beaten = alive.touch
    service.start()
    log.info("Taking jobs.")
    told.wait()
    log.info("Told to stop: taking nothing more.")
    service.drain(drain_seconds)
    service.stop()
