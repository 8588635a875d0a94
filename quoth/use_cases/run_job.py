"""One attempt at a job, in steps that are each done once: decode, transcribe, diarize, merge.

What a step makes lies in the job's folder, whole or not at all; what it returns is small and holds
neither audio nor text. A step that finds its work done does not do it again.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TypeAlias

from quoth.domain.assembly import assemble_transcript
from quoth.domain.diarization import Diarization
from quoth.domain.errors import Cancelled, EngineError, InputError, QuothError
from quoth.domain.job_errors import JobLost
from quoth.domain.jobs import Failure, Job, JobOptions, JobStatus
from quoth.domain.peaks import peaks_of
from quoth.domain.progress import Stage
from quoth.domain.transcript import Transcript
from quoth.ports.jobs import DecodedJob, JobFiles, JobStore, StepResult, Steps, Work
from quoth.ports.transcriber import TranscriptionOptions
from quoth.ports.webhooks import Notifier
from quoth.use_cases.job_feed import JobFeed
from quoth.use_cases.job_runs import JobRun, JobRuns
from quoth.use_cases.patience import patiently
from quoth.use_cases.patient_files import PatientFiles
from quoth.use_cases.recognise import Recognised
from quoth.use_cases.requests import TranscriptionRequest
from quoth.use_cases.suspicion import Suspicion
from quoth.use_cases.transcribe import ANALYSIS_SHARE, TranscribeRecording, speaker_warnings

log = logging.getLogger(__name__)


MOST_LEASES = 25
"""How often an attempt is begun or taken over, before its job is what the processes die of. The
queue counts what one process took up again, and begins anew when another takes over."""

FailureCode: TypeAlias = Callable[[QuothError], str]


@dataclass(frozen=True, slots=True)
class RunJob:
    """Does one attempt at a job.

    Args:
        store: the rows.
        files: the folders.
        runs: the attempts in this process.
        feed: is told of changes.
        suspicion: finds jobs that kill the inference process.
        transcribe: gives the use case on a model, None for the configured one.
        now: seconds since the epoch.
        code_of: names an error for programs.
        notifier: is told of jobs that ended.
        worker: this process among those that take jobs; None where it is alone.
        own_model: the one it takes where none is named.
    """

    store: JobStore
    files: JobFiles
    runs: JobRuns
    feed: JobFeed
    suspicion: Suspicion
    transcribe: Callable[[str | None], TranscribeRecording]
    now: Callable[[], float]
    code_of: FailureCode
    notifier: Notifier
    worker: str | None = None
    own_model: str | None = None

    def __call__(self, job_id: str, attempt: int, steps: Steps) -> None:
        """Bring a job to its end; one that is cancelled or deleted is left alone.

        Raises:
            Cancelled: if it was cancelled in the middle.
        """
        found = patiently(lambda: self.store.get(job_id))
        if found is None or found.attempt != attempt:
            return
        run = self.runs.begin(found)  # before it is known to run: who cancels it finds it
        try:
            if not self._take(run):
                return
            failed = self._work(run, steps)
        except Cancelled:
            raise
        except QuothError as error:
            failed = self._problem(error)
        except Exception as error:  # a bug in one job must not stop the others
            log.exception("job %s", job_id)
            failed = {"problem": f"Something went wrong: {error!r}", "code": "internal"}
        finally:
            self.runs.end(found)
            self._leave_nothing_of_deleted(job_id)
        self._end(run.job, failed)

    def _take(self, run: JobRun) -> bool:
        """Take the job; whether it is still wanted, and this process is to do it.

        Raises:
            JobLost: if it was taken too often.
        """
        job = run.job
        taken = patiently(
            lambda: self.store.take(job.id, job.attempt, self.now(), self.worker), run.check
        )
        if taken is None:
            self._hold_if_dead(job)
            return False
        run.take(taken)
        if taken.lease > MOST_LEASES:
            raise JobLost(taken.lease - 1)
        self.feed.publish(taken)
        return True

    def _hold_if_dead(self, job: Job) -> None:
        """Go no further where this process was declared dead: it is about to end.

        To return would say that the attempt is over; so it goes to whoever lives.
        """
        latest = patiently(lambda: self.store.get(job.id))
        if self.worker is None or latest is None or latest.status.is_final:
            return
        if latest.attempt == job.attempt:
            log.error("job %s is left to others: this process was declared dead", job.run)
            Event().wait()

    def _leave_nothing_of_deleted(self, job_id: str) -> None:
        """Remove what an attempt made that was so slow to stop that its job was deleted before."""
        if patiently(lambda: self.store.get(job_id)) is None:
            PatientFiles(self.files, lambda: None).remove(job_id)

    def _end(self, job: Job, failed: StepResult | None) -> None:
        status, failure = JobStatus.COMPLETED, None
        if failed is not None:
            status = JobStatus.FAILED
            failure = Failure(failed["problem"], failed["code"])
        changed = patiently(lambda: self.store.change(job.id, status, self.now(), failure, job))
        if changed is not None:
            self.feed.publish(changed)
            self.notifier.job_ended(changed)

    def _work(self, run: JobRun, steps: Steps) -> StepResult | None:
        """Do the steps; return the one that failed the job, if any did."""
        job = run.job
        decoded = steps.step("decode", lambda: self._guarded(run, self._decode))
        if "problem" in decoded:
            return decoded
        words: tuple[str, Work] = (
            "transcribe",
            lambda: self._guarded(run, self._transcribe),
        )
        speakers: tuple[str, Work] = (
            "diarize",
            lambda: self._guarded(run, self._diarize),
        )
        told: StepResult = {}
        if not job.options.diarize:
            heard = steps.step(*words)
        elif self._use_case(job).policy.is_parallel:
            heard, told = steps.both(words, speakers)
        else:
            heard, told = steps.step(*words), steps.step(*speakers)
        if "problem" in heard:
            return heard
        problem = told.get("problem")
        merged = steps.step("merge", lambda: self._guarded(run, self._merge, problem))
        return merged if "problem" in merged else None

    def _guarded(
        self, run: JobRun, work: Callable[..., StepResult], *arguments: object
    ) -> StepResult:
        """Do a step; what it raises on purpose becomes its result."""
        run.check()
        try:
            return self.suspicion.run(run.job.id, lambda: work(run, *arguments), run.wait)
        except Cancelled:
            run.check()
            return {"problem": "The work was stopped before its end.", "code": "stopped"}
        except QuothError as error:
            return self._problem(error)

    def _use_case(self, job: Job) -> TranscribeRecording:
        """Return the use case on the model asked for, or the one it was sent here for."""
        route = None if job.route == self.own_model else job.route
        return self.transcribe(job.options.model or route)

    def _problem(self, error: QuothError) -> StepResult:
        return {"problem": str(error), "code": self.code_of(error)}

    def _files(self, run: JobRun) -> PatientFiles:
        return PatientFiles(self.files, run.check)

    def _decode(self, run: JobRun) -> StepResult:
        job, use_case = run.job, self._use_case(run.job)
        use_case.check(request_of(job, Path()))
        with run.decoding:  # both branches may find at once that it was lost
            decoded = self._files(run).decoded(job.id) or self._decode_anew(run, use_case)
        run.board.advance(Stage.DECODE, 1.0)
        run.board.advance(Stage.DETECT_SPEECH, 1.0)
        if decoded.waveform.duration != job.seconds:
            seconds = decoded.waveform.duration
            patiently(lambda: self.store.measured(job, seconds), run.check)
        return {"seconds": decoded.waveform.duration}

    def _decode_anew(self, run: JobRun, use_case: TranscribeRecording) -> DecodedJob:
        job = run.job
        with self._files(run).local_source(job.id) as source:
            audio = use_case.decoder.decode(
                source,
                self.files.decoded_path(job.id, job.lease),
                use_case.policy.limits,
                run.board.progress(Stage.DECODE),
            )
        run.board.advance(Stage.DECODE, 1.0)
        speech = use_case.speech_detector.detect_speech(
            audio.waveform, run.board.progress(Stage.DETECT_SPEECH)
        )
        decoded = DecodedJob(audio.waveform, speech, audio.warnings)
        peaks = peaks_of(audio.waveform)
        run.hold()
        self._files(run).keep_decoded(job.id, decoded, peaks, job.lease)
        return decoded

    def _decoded(self, run: JobRun) -> DecodedJob:
        """Return what decoding left; what was lost since is made again."""
        found = self._files(run).decoded(run.job.id)
        if found is None:
            self._decode(run)
            found = self._files(run).decoded(run.job.id)
        assert found is not None  # noqa: S101 - it was kept a moment ago
        run.board.advance(Stage.DETECT_SPEECH, 1.0)
        return found

    def _transcribe(self, run: JobRun) -> StepResult:
        job, decoded = run.job, self._decoded(run)
        if self._files(run).words(job.id) is None:
            try:
                words = self._words(run, decoded)
            except InputError:
                run.board.cancel()  # nobody wants the speakers any more
                raise
            run.hold()
            self._files(run).keep_words(job.id, words)
        run.board.advance(Stage.TRANSCRIBE, 1.0)
        return {}

    def _words(self, run: JobRun, decoded: DecodedJob) -> Transcript:
        use_case = self._use_case(run.job)
        found = Recognised((), None, use_case.transcriber.info)
        if decoded.speech:
            options = request_of(run.job, Path()).options
            found = use_case.recognise(options, decoded.waveform, decoded.speech, run.board)
        return assemble_transcript(
            found.words,
            None,
            language=found.language if found.words else None,
            duration=decoded.waveform.duration,
            engine=found.info.engine,
            model=found.info.model,
            warnings=[*decoded.warnings, *found.warnings],
        )

    def _diarize(self, run: JobRun) -> StepResult:
        job, decoded = run.job, self._decoded(run)
        if decoded.speech and self._files(run).evidence(job.id) is None:
            use_case = self._use_case(job)
            evidence = use_case.listen_for_speakers(decoded.waveform, run.board)
            run.hold()
            self._files(run).keep_evidence(job.id, evidence)
        run.board.advance(Stage.DIARIZE, ANALYSIS_SHARE)
        return {}

    def _merge(self, run: JobRun, problem: str | None) -> StepResult:
        job = run.job
        words, transcript = self._files(run).words(job.id), self._files(run).transcript(job.id)
        if words is not None or transcript is None:  # else it was all done
            if words is None:
                self._transcribe(run)
                words = self._files(run).words(job.id)
            assert words is not None  # noqa: S101 - they were kept a moment ago
            diarization = None
            if job.options.diarize and not problem:
                try:
                    diarization = self._cluster(run)
                except EngineError as error:
                    problem = str(error)
            merged = merge(job, words, diarization, problem)
            run.hold()
            self._keep(run, merged, is_first=transcript is None)
            transcript = merged
        run.hold()
        searchable = transcript.searchable
        patiently(lambda: self.store.index(job.id, searchable), run.check)
        self._files(run).clear_work(job.id)
        return {}

    def _keep(self, run: JobRun, merged: Transcript, *, is_first: bool) -> None:
        """Keep what was merged; what somebody else's lease made and an owner changed stays."""
        if not is_first:  # an attempt before came as far as this
            self._files(run).keep_transcript(run.job.id, merged)
        elif not self._files(run).add_transcript(run.job.id, merged):
            run.lose()

    def _cluster(self, run: JobRun) -> Diarization | None:
        evidence = self._files(run).evidence(run.job.id)
        if evidence is None:
            self._diarize(run)  # nobody spoke, or it was lost since
            evidence = self._files(run).evidence(run.job.id)
        if evidence is None:
            return None
        use_case = self._use_case(run.job)
        progress = run.board.progress(Stage.DIARIZE, ANALYSIS_SHARE, 1.0)
        return use_case.diarizer.cluster(evidence, run.job.options.hints, progress)


def recognition_of(options: JobOptions) -> TranscriptionOptions:
    """Return what a job asks of the engine."""
    return TranscriptionOptions(
        language=options.language,
        prompt=options.prompt,
        temperature=options.temperature,
        candidates=options.candidates,
        keywords=options.keywords,
        is_translated=options.is_translated,
    )


def request_of(job: Job, source: Path) -> TranscriptionRequest:
    """Return what a job asks of the main use case."""
    options = job.options
    return TranscriptionRequest(
        source,
        recognition_of(options),
        diarize=options.diarize,
        hints=options.hints,
        names=options.names,
    )


def merge(
    job: Job, words: Transcript, diarization: Diarization | None, problem: str | None
) -> Transcript:
    """Put recognised words and speakers together as the job's transcript."""
    options = job.options
    warnings = [*words.warnings]
    if problem:
        warnings.append(f"Speakers could not be told apart. {problem}")
    if diarization is not None:
        warnings += speaker_warnings(diarization, options.hints, options.names)
    return assemble_transcript(
        words.words,
        diarization,
        language=words.language,
        duration=words.duration,
        engine=words.engine,
        model=words.model,
        names=options.names,
        warnings=warnings,
    )
