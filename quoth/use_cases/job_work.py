"""What the steps of a job do: decode, transcribe, diarize, merge.

What a step makes lies in the job's folder, whole or not at all; what it returns is small and holds
neither audio nor text. A step that finds its work done does not do it again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from quoth.domain.assembly import assemble_transcript
from quoth.domain.errors import EngineError, InputError
from quoth.domain.jobs import Job
from quoth.domain.peaks import peaks_of
from quoth.domain.progress import Stage
from quoth.domain.transcript import Transcript
from quoth.ports.jobs import DecodedJob, JobFiles, JobStore, StepResult
from quoth.use_cases.job_runs import JobRun
from quoth.use_cases.known_speakers import NOBODY, KnownPeople
from quoth.use_cases.patience import patiently
from quoth.use_cases.patient_files import PatientFiles
from quoth.use_cases.recognise import Recognised
from quoth.use_cases.requests import request_of
from quoth.use_cases.tell_apart import ANALYSIS_SHARE, ToldApart
from quoth.use_cases.transcribe import TranscribeRecording


@dataclass(frozen=True, slots=True)
class JobWork:
    """Does the steps of jobs.

    Args:
        store: the rows.
        files: the folders.
        use_case_on: gives the use case on a model, None for the configured one.
        own_model: the one this process takes where none is named.
    """

    store: JobStore
    files: JobFiles
    use_case_on: Callable[[str | None], TranscribeRecording]
    own_model: str | None = None

    def use_case(self, job: Job) -> TranscribeRecording:
        """Return the use case on the model asked for, or the one it was sent here for."""
        route = None if job.route == self.own_model else job.route
        return self.use_case_on(job.options.model or route)

    def _files(self, run: JobRun) -> PatientFiles:
        return PatientFiles(self.files, run.check)

    def decode(self, run: JobRun) -> StepResult:
        """Leave samples, where speech is in them, and the outline of the waveform."""
        job, use_case = run.job, self.use_case(run.job)
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
            self.decode(run)
            found = self._files(run).decoded(run.job.id)
        assert found is not None  # noqa: S101 - it was kept a moment ago
        run.board.advance(Stage.DETECT_SPEECH, 1.0)
        return found

    def transcribe(self, run: JobRun) -> StepResult:
        """Leave the words."""
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
        use_case = self.use_case(run.job)
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

    def diarize(self, run: JobRun) -> StepResult:
        """Leave the evidence for speakers, and the voices of people who are known."""
        job, decoded = run.job, self._decoded(run)
        if decoded.speech and self._files(run).evidence(job.id) is None:
            evidence = self.use_case(job).tell_apart.listen(decoded.waveform, run.board)
            run.hold()
            self._files(run).keep_evidence(job.id, evidence)
        if decoded.speech:
            self._people(run)
        run.board.advance(Stage.DIARIZE, ANALYSIS_SHARE)
        return {}

    def _people(self, run: JobRun) -> KnownPeople:
        """Return whom to look for; their voices are made of the references if they are not yet."""
        job, names = run.job, run.job.options.known
        if not names:
            return NOBODY
        voices = self._files(run).known_voices(job.id)
        if voices is None and (references := self._files(run).references(job.id)):
            voices = self.use_case(job).tell_apart.hear_known(references, run.board)
            run.hold()
            self._files(run).keep_known_voices(job.id, voices)
        return KnownPeople(names, voices)

    def merge(self, run: JobRun, problem: str | None) -> StepResult:
        """Leave the transcript, findable, and nothing that was only needed on the way to it.

        Args:
            run: the attempt.
            problem: why there is no evidence for speakers; None where there is.
        """
        job = run.job
        words, transcript = self._files(run).words(job.id), self._files(run).transcript(job.id)
        if words is not None or transcript is None:  # else it was all done
            if words is None:
                self.transcribe(run)
                words = self._files(run).words(job.id)
            assert words is not None  # noqa: S101 - they were kept a moment ago
            found = None
            if job.options.diarize and not problem:
                try:
                    found = self._tell_apart(run)
                except EngineError as error:
                    problem = str(error)
            merged = _merged(job, words, found, problem)
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

    def _tell_apart(self, run: JobRun) -> ToldApart | None:
        """Return the speakers, and who of them is known; None where nobody spoke."""
        evidence = self._files(run).evidence(run.job.id)
        if evidence is None:
            self.diarize(run)  # nobody spoke, or it was lost since
            evidence = self._files(run).evidence(run.job.id)
        if evidence is None:
            return None
        tell_apart = self.use_case(run.job).tell_apart
        diarization = tell_apart.cluster(evidence, run.job.options.hints, run.board)
        recognition = self._people(run).among(diarization, evidence.kind)
        return ToldApart(evidence, diarization, recognition)


def _merged(
    job: Job, words: Transcript, found: ToldApart | None, problem: str | None
) -> Transcript:
    """Put recognised words and speakers together as the job's transcript."""
    options = job.options
    warnings = [*words.warnings]
    if problem:
        warnings.append(f"Speakers could not be told apart. {problem}")
    if found is not None:
        warnings += found.warnings(options.hints, options.names)
    return assemble_transcript(
        words.words,
        found.diarization if found else None,
        language=words.language,
        duration=words.duration,
        engine=words.engine,
        model=words.model,
        names=options.names,
        known=found.recognition.names if found else {},
        warnings=warnings,
    )
