"""Editing the transcript of a job: the edit is kept, found by search, and told to who watches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from quoth.domain.diarization import SpeakerHints
from quoth.domain.edit_errors import StaleVersion
from quoth.domain.edits import Edit
from quoth.domain.jobs import Job
from quoth.domain.transcript import Transcript
from quoth.use_cases.edit_transcript import EditState, EditTranscript
from quoth.use_cases.manage_jobs import ManageJobs
from quoth.use_cases.rediarize_job import RediarizeJob

_Act = Callable[[str, Transcript, str | None], EditState]


@dataclass(frozen=True, slots=True)
class EditJob:
    """Edits transcripts of jobs.

    Args:
        manage: the jobs.
        transcripts: edits transcripts.
        anew: tells speakers apart anew.
    """

    manage: ManageJobs
    transcripts: EditTranscript
    anew: RediarizeJob

    def state(self, job: Job) -> EditState:
        """Return the transcript of a job as edited.

        Raises:
            NothingKept: if there is none.
        """
        return self.transcripts.state(job.id, self.manage.machine_transcript(job))

    def edit(self, job: Job, edit: Edit, seen: str | None = None) -> EditState:
        """Make an edit.

        Args:
            job: whose transcript.
            edit: what to do.
            seen: the tag of the state that the caller looked at; None for whatever is there.

        Raises:
            EditError: if it cannot be made, or the state is another by now.
        """
        return self._act(
            job, seen, lambda *where: self.transcripts.edit(where[0], where[1], edit, where[2])
        )

    def undo(self, job: Job, seen: str | None = None) -> EditState:
        """Undo the last edit.

        Raises:
            NothingToUndo: if there is none.
            EditError: as for an edit.
        """
        return self._act(job, seen, self.transcripts.undo)

    def redo(self, job: Job, seen: str | None = None) -> EditState:
        """Make the edit again that was undone last.

        Raises:
            NothingToRedo: if there is none.
            EditError: as for an edit.
        """
        return self._act(job, seen, self.transcripts.redo)

    def rediarize(self, job: Job, hints: SpeakerHints, names: Sequence[str] = ()) -> EditState:
        """Tell the speakers of a finished job apart anew; edits stay where their times still match.

        Raises:
            JobNotFound: if it is gone.
            NothingKept: if no evidence is kept.
        """
        self.anew(job, hints, names)
        return self._indexed(job, self.state(job))

    def _indexed(self, job: Job, state: EditState) -> EditState:
        """Let search find what a reader sees."""
        self.manage.store.index(job.id, state.transcript.searchable)
        return state

    def _act(self, job: Job, seen: str | None, act: _Act) -> EditState:
        machine = self.manage.machine_transcript(job)
        version = None
        if seen is not None:
            version = self.state(job).version
            if seen != tag_of(job, version):
                raise StaleVersion
        state = act(job.id, machine, version)
        self._indexed(job, state)
        self.manage.changed(job)
        return state


def tag_of(job: Job, version: str) -> str:
    """Return what changes whenever the transcript of a job does."""
    return f"{job.revision}-{version}"
