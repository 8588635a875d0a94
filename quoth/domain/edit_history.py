"""Which edits of a log hold: what undo and redo come to."""

from dataclasses import dataclass

from quoth.domain.edit_errors import NothingToRedo, NothingToUndo
from quoth.domain.edits import Basis, Edit, EditLog, ReassignInterval, Redo, SplitSpeaker, Undo


@dataclass(frozen=True, slots=True)
class Made:
    """An edit where it stands in its log.

    Args:
        edit: what to do.
        position: index in the log.
        basis: whom its speaker ids mean; None for those of any transcript it is applied to.
        newcomer: id of the speaker it makes, None where it makes none.
    """

    edit: Edit
    position: int
    basis: Basis | None = None
    newcomer: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The edits that hold, first to last, and those that were undone, the next to redo last."""

    done: tuple[Made, ...]
    undone: tuple[Made, ...]
    basis: Basis | None


def history(log: EditLog) -> History:
    """Follow a log from its first entry to its last.

    An edit forgets what was undone before it, as in any editor. Speakers made by edits are called
    `1`, `2`, ... by their place in the log, undone or not: an id never means two people, and never
    one that the machine calls `A`, `B`, ...

    Raises:
        NothingToUndo, NothingToRedo: if an entry undoes or redoes what is not there.
    """
    done: list[Made] = []
    undone: list[Made] = []
    basis: Basis | None = None
    newcomers = 0
    for position, entry in enumerate(log):
        if isinstance(entry, Basis):
            basis = entry
        elif isinstance(entry, Undo):
            if not done:
                raise NothingToUndo
            undone.append(done.pop())
        elif isinstance(entry, Redo):
            if not undone:
                raise NothingToRedo
            done.append(undone.pop())
        else:
            newcomers += makes_speaker(entry)
            newcomer = str(newcomers) if makes_speaker(entry) else None
            done.append(Made(entry, position, basis, newcomer))
            undone.clear()
    return History(tuple(done), tuple(undone), basis)


def makes_speaker(edit: Edit) -> bool:
    """Tell whether there is a speaker after this edit who was not there before."""
    return isinstance(edit, SplitSpeaker) or (
        isinstance(edit, ReassignInterval) and edit.speaker is None
    )
