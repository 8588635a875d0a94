"""Editing a finished transcript: whatever is edited can be undone, and the machine's stays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from quoth.domain.edit_errors import NothingToRedo, NothingToUndo, StaleVersion
from quoth.domain.edit_history import history
from quoth.domain.editing import EditedTranscript, Unapplied, apply
from quoth.domain.edits import CorrectText, CorrectTexts, Edit, EditLog, Entry, Redo, Undo
from quoth.domain.speaker_identity import basis_of
from quoth.domain.transcript import Transcript
from quoth.ports.edit_log import EditLogs


@dataclass(frozen=True, slots=True)
class EditState:
    """Where the editing of a transcript stands.

    Args:
        transcript: as edited, for reading and exports.
        version: of the log; the transcript depends on it and on the machine's transcript.
        unapplied: edits that hold but do not fit the machine's transcript of now, and why.
        can_undo: whether an edit holds.
        can_redo: whether one was undone since the last edit.
    """

    transcript: Transcript
    version: str
    unapplied: tuple[Unapplied, ...]
    can_undo: bool
    can_redo: bool


@dataclass(frozen=True, slots=True)
class EditTranscript:
    """Edits the transcripts of jobs.

    Every method takes the machine's transcript as it is now, of the speakers as told apart last.
    `version` is the one that the caller has seen, None for whatever is there.
    """

    logs: EditLogs

    def state(self, job: str, machine: Transcript) -> EditState:
        """Return the transcript as edited.

        Raises:
            DamagedEditLog: if the log cannot be read.
        """
        kept = self.logs.read(job)
        return _state(apply(machine, kept.entries), kept.entries, kept.version)

    def edit(
        self, job: str, machine: Transcript, edit: Edit, version: str | None = None
    ) -> EditState:
        """Make an edit, if it can be applied to the transcript as edited so far.

        Raises:
            EditError: if it cannot be, or the version is not the last; nothing is kept of it.
            DamagedEditLog, OutOfDisk: if the log cannot be read or written.
        """

        def entries(log: EditLog) -> Sequence[Entry]:
            if isinstance(edit, CorrectText | CorrectTexts):
                return [edit]
            basis = basis_of(machine)
            return [edit] if basis == history(log).basis else [basis, edit]

        return self._append(job, machine, entries, version)

    def undo(self, job: str, machine: Transcript, version: str | None = None) -> EditState:
        """Undo the last edit that holds, applied or not.

        Raises:
            NothingToUndo: if none holds.
            EditError, DamagedEditLog, OutOfDisk: as for an edit.
        """

        def entries(log: EditLog) -> Sequence[Entry]:
            if not history(log).done:
                raise NothingToUndo
            return [Undo()]

        return self._append(job, machine, entries, version)

    def redo(self, job: str, machine: Transcript, version: str | None = None) -> EditState:
        """Make the edit hold again that was undone last.

        Raises:
            NothingToRedo: if nothing was undone, or something was edited since.
            EditError, DamagedEditLog, OutOfDisk: as for an edit.
        """

        def entries(log: EditLog) -> Sequence[Entry]:
            if not history(log).undone:
                raise NothingToRedo
            return [Redo()]

        return self._append(job, machine, entries, version)

    def _append(
        self,
        job: str,
        machine: Transcript,
        entries: Callable[[EditLog], Sequence[Entry]],
        version: str | None,
    ) -> EditState:
        while True:
            kept = self.logs.read(job)
            if version not in {None, kept.version}:
                raise StaleVersion
            added = entries(kept.entries)
            log = (*kept.entries, *added)
            edited = apply(machine, log)
            if edited.unapplied and edited.unapplied[-1].made.position == len(log) - 1:
                raise edited.unapplied[-1].error
            try:
                return _state(edited, log, self.logs.append(job, added, kept.version))
            except StaleVersion:
                if version is not None:
                    raise  # else somebody was faster, and nobody minds: look again


def _state(edited: EditedTranscript, log: EditLog, version: str) -> EditState:
    past = history(log)
    return EditState(
        transcript=edited.transcript,
        version=version,
        unapplied=edited.unapplied,
        can_undo=bool(past.done),
        can_redo=bool(past.undone),
    )
