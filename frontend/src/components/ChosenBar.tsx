import type { Chosen } from "../hooks/useChosen";
import type { Player } from "../hooks/usePlayer";
import { stretchOf } from "../lib/paragraphs";
import { Button, IconButton } from "./ui/Button";

interface ChosenBarProps {
  chosen: Chosen;
  player: Player;
  onWhose: () => void;
  onForget: () => void;
}

/** What can be done with the words that are marked. */
export function ChosenBar({ chosen, player, onWhose, onForget }: ChosenBarProps) {
  const count = chosen.words.length;
  return (
    <div
      className="chosen-bar"
      role="toolbar"
      aria-label="The chosen words"
      onMouseDown={(event) => {
        event.preventDefault(); // the words stay marked
      }}
    >
      <span>{count === 1 ? "One word" : `${count} words`}</span>
      <Button
        look="quiet"
        icon="play"
        onClick={() => {
          const { start, end } = stretchOf(chosen.words);
          player.playFrom(start, end);
        }}
      >
        Hear
      </Button>
      <Button look="quiet" icon="people" onClick={onWhose}>
        Said by…
      </Button>
      <IconButton icon="close" label="Choose no words" onClick={onForget} />
    </div>
  );
}
