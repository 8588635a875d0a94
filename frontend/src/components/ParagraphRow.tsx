import { memo, useCallback, type MouseEvent } from "react";
import type { Player } from "../hooks/usePlayer";
import { useAtTime } from "../hooks/usePlayer";
import type { Match } from "../lib/finding";
import { isDoubtful, lastBegun, type Paragraph } from "../lib/paragraphs";
import type { SpeakerLook } from "../lib/speakers";
import { clock } from "../lib/time";
import type { ParagraphActs } from "./paragraphActs";
import { ParagraphEditor } from "./ParagraphEditor";
import { SpeakerMenu } from "./SpeakerMenu";
import { IconButton } from "./ui/Button";

interface ParagraphRowProps {
  paragraph: Paragraph;
  speakers: ReadonlyMap<string, SpeakerLook>;
  player: Player;
  separator: string;
  matches: readonly Match[];
  currentMatch: Match | undefined;
  draft: string | undefined;
  /** Null where it is only to be read. */
  acts: ParagraphActs | null;
}

export const ParagraphRow = memo(function ParagraphRow(props: ParagraphRowProps) {
  const { paragraph, speakers, player, separator, draft, acts } = props;
  const speaker = paragraph.speaker === null ? undefined : speakers.get(paragraph.speaker);
  const text = paragraph.words.map((word) => word.text).join(separator);
  return (
    <div className={`paragraph s${speaker?.color ?? "none"}`}>
      <header>
        {acts && speakers.size > 0 ? (
          <SpeakerMenu {...{ paragraph, speaker, speakers, acts }} />
        ) : (
          speaker && <span className="speaker-name">{speaker.name}</span>
        )}
        <button
          type="button"
          className="time"
          aria-label={`Play from ${clock(paragraph.start)}`}
          onClick={() => {
            player.playFrom(paragraph.start);
          }}
        >
          {clock(paragraph.start)}
        </button>
        {acts && draft === undefined && (
          <IconButton
            icon="pencil"
            className="edit"
            label={`Correct the paragraph at ${clock(paragraph.start)}`}
            onClick={() => {
              acts.draft(paragraph, text);
            }}
          />
        )}
      </header>
      {draft !== undefined && acts ? (
        <ParagraphEditor {...{ paragraph, text, draft, acts }} />
      ) : (
        <Words {...props} />
      )}
    </div>
  );
});

function Words({ paragraph, player, separator, matches, currentMatch }: ParagraphRowProps) {
  const { words, start, end } = paragraph;
  const activeAt = useCallback(
    (seconds: number) => (seconds < start || seconds > end + 1 ? -1 : lastBegun(words, seconds)),
    [words, start, end],
  );
  const active = useAtTime(player, activeAt);
  const press = (event: MouseEvent): void => {
    if (window.getSelection()?.toString()) return; // somebody marks text to copy it
    const place = (event.target as HTMLElement).dataset.w;
    const word = words[Number(place ?? NaN)];
    if (word) player.playFrom(word.start);
  };
  const isIn = (match: Match | undefined, place: number): boolean =>
    match !== undefined && match.paragraph === paragraph.index && place >= match.from && place < match.to;
  return (
    // The keyboard has keys of its own for going from word to word; see `lib/keys.ts`.
    <p className="words" onClick={press} dir="auto">
      {words.map((word, place) => {
        const isCurrent = isIn(currentMatch, place);
        const isMarked = isCurrent || matches.some((match) => isIn(match, place));
        return [
          <span
            key={place}
            data-w={place}
            data-active={place === active || undefined}
            data-doubtful={isDoubtful(word) || undefined}
            data-match={isCurrent ? "current" : isMarked || undefined}
          >
            {word.text}
          </span>,
          separator,
        ];
      })}
    </p>
  );
}
