"""Telling the speakers of a finished job apart anew, from what is kept with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from quoth.domain.diarization import SpeakerHints
from quoth.domain.job_errors import JobNotFound, NothingKept
from quoth.domain.jobs import Job
from quoth.use_cases.known_speakers import KnownPeople
from quoth.use_cases.manage_jobs import ManageJobs
from quoth.use_cases.rediarize import Rediarize


@dataclass(frozen=True, slots=True)
class RediarizeJob:
    """Gives a job's transcript other speakers.

    Args:
        manage: the jobs.
        anew: gives the use case that tells speakers apart anew.
    """

    manage: ManageJobs
    anew: Callable[[], Rediarize]

    def __call__(self, job: Job, hints: SpeakerHints, names: Sequence[str] = ()) -> None:
        """Keep a transcript whose speakers obey other hints, made without the audio.

        Raises:
            JobNotFound: if the job was deleted meanwhile.
            NothingKept: if no transcript or no evidence is kept.
        """
        files, known = self.manage.files, job.options.known
        transcript = self.manage.machine_transcript(job)
        evidence = files.evidence(job.id)
        if evidence is None:
            why = "it was transcribed without telling speakers apart"
            raise NothingKept(job.id, "speaker evidence", why)
        people = KnownPeople(known, files.known_voices(job.id) if known else None)
        names = names or job.options.names
        files.keep_transcript(job.id, self.anew()(transcript, evidence, hints, names, people))
        if self.manage.store.get(job.id) is None:  # nothing brings it back
            files.remove(job.id)
            raise JobNotFound(job.id)
        self.manage.changed(job)
