"""The main use case where no engine is: a request is a job of a worker, and gone afterwards."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from quoth.domain.errors import EngineError, InputError, InvalidParameter
from quoth.domain.job_errors import JobNotFound, NoWorker
from quoth.domain.jobs import FINAL, Job, JobOptions, JobStatus
from quoth.domain.progress import Stage, StageProgress
from quoth.domain.references import Reference
from quoth.ports.progress import unobserved as unreported
from quoth.ports.speech_detector import USUAL_SPEECH
from quoth.ports.transcriber import EngineInfo
from quoth.use_cases.absent import AbsentTranscriber
from quoth.use_cases.job_feed import JobFeed
from quoth.use_cases.manage_jobs import ManageJobs, NewRecording
from quoth.use_cases.observing import Observer, WordListener, unobserved
from quoth.use_cases.recognise import RecogniseWords
from quoth.use_cases.requests import TranscriptionOutcome, TranscriptionRequest
from quoth.use_cases.transcribe import TranscribeRecording

OWNER = "synchronous"
"""Whose such jobs are: nobody's who could ask for them."""
LOOK_SECONDS = 0.25
ABANDONED_SECONDS = 3600.0


class RequestFailed(EngineError):
    """Raised when the job of a request failed; says what its worker said."""

    def __init__(self, told: str) -> None:
        super().__init__(told)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where requests go.

    Args:
        manage: takes jobs in.
        feed: tells of changes.
        is_there: whether any worker is up.
        bring: puts a file at a path, without copying it where that can be.
    """

    manage: ManageJobs
    feed: JobFeed
    is_there: Callable[[], bool]
    bring: Callable[[Path, Path], None]


@dataclass(frozen=True, slots=True)
class TranscribeElsewhere(TranscribeRecording):
    """Transcribes by a job, waited for.

    Args:
        elsewhere: where requests go; None where none can come.
        model: asked for by name; None for the one of whoever does it.
        able: the models that can be had for it; none where no worker is up.
    """

    elsewhere: Elsewhere | None = None
    model: str | None = None
    able: tuple[EngineInfo, ...] = ()

    def check(self, request: TranscriptionRequest) -> None:
        """Raise for what no worker that is up could do; while none is, anything may come.

        Raises:
            UnsupportedLanguage: if none knows the language asked for.
            CannotTranslate: if none translates.
        """
        for number, info in enumerate(self.able, 1):
            try:
                RecogniseWords(AbsentTranscriber(info), None).check(request.options)
            except InputError:
                if number == len(self.able):
                    raise
            else:
                return

    def __call__(
        self,
        request: TranscriptionRequest,
        workspace: Path,
        observer: Observer = unobserved,
        listener: WordListener | None = None,
    ) -> TranscriptionOutcome:
        """Transcribe a recording; see the use case that does it here.

        Raises:
            NoWorker: if nobody is there to do it.
            InvalidParameter: if something is asked for that only an engine beside the API can do.
            RequestFailed: if the worker could not do it.
        """
        self.check(request)
        if request.speech != USUAL_SPEECH or request.padding is not None:
            told = "can only be `auto` here; other values need an engine beside the API"
            raise InvalidParameter("chunking_strategy", told)
        assert self.elsewhere is not None  # noqa: S101 - whoever takes requests gives one
        if not self.elsewhere.is_there():
            raise NoWorker
        known = request.known if request.diarize else ()
        references = self.recognise_speakers.read(known, workspace, unreported)
        job = self._take_in(self.elsewhere, request, references)
        try:
            done = self._finished(self.elsewhere, job, observer)
            transcript = self.elsewhere.manage.machine_transcript(done)
        finally:
            with suppress(JobNotFound):
                self.elsewhere.manage.delete(OWNER, job.id)
        if listener is not None:
            listener(transcript.words, transcript.language)
        return TranscriptionOutcome(transcript)

    def _take_in(
        self, elsewhere: Elsewhere, request: TranscriptionRequest, known: Sequence[Reference]
    ) -> Job:
        recording = NewRecording(
            request.source.name, lambda path: elsewhere.bring(request.source, path)
        )
        options = _options(self.model, request)
        return elsewhere.manage.create(OWNER, options, recording, known=known)

    @staticmethod
    def _finished(elsewhere: Elsewhere, job: Job, observer: Observer) -> Job:
        """Wait until a job is done; the observer may end the waiting."""
        changed, looked = Event(), time.monotonic()
        latest: list[Job] = [job]

        def hear(news: Job) -> None:
            latest[0] = news
            changed.set()

        with elsewhere.feed.listening(job.id, hear):
            while not latest[0].status.is_final:
                observer(_seen(latest[0]))
                changed.wait(LOOK_SECONDS)
                changed.clear()
                if time.monotonic() - looked > 1.0:  # a notice may have been missed
                    looked = time.monotonic()
                    latest[0] = elsewhere.manage.get(OWNER, job.id)
        if latest[0].status is JobStatus.FAILED and latest[0].failure is not None:
            raise RequestFailed(latest[0].failure.message)
        return latest[0]


@dataclass(frozen=True, slots=True)
class ForgetAbandoned:
    """Deletes jobs of requests whose server died before it could: nobody asks for them any more.

    Args:
        manage: has them.
    """

    manage: ManageJobs

    def __call__(self, is_stopping: Callable[[], bool] = lambda: False) -> int:
        """Delete what is over for an hour; return how much that was."""
        late = self.manage.now() - ABANDONED_SECONDS
        count = 0
        for job in self.manage.store.by_status(FINAL):
            if job.owner == OWNER and (job.finished or 0.0) < late and not is_stopping():
                self.manage.delete(OWNER, job.id)
                count += 1
        return count


def _seen(job: Job) -> StageProgress:
    progress = job.progress
    return StageProgress(
        progress.stage or Stage.DECODE, progress.fraction, progress.fraction, progress.remaining
    )


def _options(model: str | None, request: TranscriptionRequest) -> JobOptions:
    asked = request.options
    return JobOptions(
        model=model,
        language=asked.language,
        candidates=asked.candidates,
        keywords=asked.keywords,
        is_translated=asked.is_translated,
        prompt=asked.prompt,
        temperature=asked.temperature,
        diarize=request.diarize,
        hints=request.hints,
        names=request.names,
    )
