import { useMemo, useState, type ReactNode } from "react";
import type { Outline, Transcript } from "../api/transcripts";
import { useChosen } from "../hooks/useChosen";
import type { Player } from "../hooks/usePlayer";
import type { ReaderActs } from "../hooks/useReaderActs";
import { useReaderKeys } from "../hooks/useReaderKeys";
import type { Search } from "../hooks/useSearch";
import { isDoubtful, stretchOf, type Paragraph } from "../lib/paragraphs";
import type { SpeakerLook } from "../lib/speakers";
import { ChosenBar } from "./ChosenBar";
import { PlayerBar } from "./PlayerBar";
import { SearchBar } from "./SearchBar";
import { SpeakerPanel } from "./SpeakerPanel";
import { TranscriptList } from "./TranscriptList";
import { Button } from "./ui/Button";
import { later } from "./ui/later";
import { Waveform } from "./Waveform";

const HelpDialog = later(async () => (await import("./HelpDialog")).HelpDialog);

interface ReaderProps {
  transcript: Transcript;
  paragraphs: readonly Paragraph[];
  speakers: ReadonlyMap<string, SpeakerLook>;
  separator: string;
  outline: Outline | undefined;
  hasAudio: boolean;
  player: Player;
  search: Search;
  drafts: ReadonlyMap<number, string>;
  isTellingApart: boolean;
  /** Null where it is only to be read. */
  acts: ReaderActs | null;
  onTakeAway?: () => void;
  children?: ReactNode;
}

/** A transcript with all one does while reading and listening. */
export function Reader(props: ReaderProps) {
  const { transcript, paragraphs, speakers, player, search, acts, children } = props;
  const [isHelping, setIsHelping] = useState(false);
  const marking = useChosen(paragraphs);
  const { chosen } = marking;
  const nextDoubt = useReaderKeys({
    ...props,
    marking,
    onTakeAway: props.onTakeAway ?? null,
    onHelp: () => {
      setIsHelping(true);
    },
  });
  const currentMatch = search.isOpen ? search.matches[search.current] : undefined;
  return (
    <>
      {search.isOpen && <SearchBar search={search} onReplace={acts?.replace ?? null} />}
      <main className="reader">
        {children}
        <div className="reader-text">
          <div className="reader-tools">
            <Doubts paragraphs={paragraphs} onNext={nextDoubt} />
            <Button
              look="quiet"
              icon="keyboard"
              onClick={() => {
                setIsHelping(true);
              }}
            >
              Keys
            </Button>
          </div>
          {paragraphs.length === 0 && <p className="empty">Nothing was said, as far as one can hear.</p>}
          <TranscriptList
            {...{ paragraphs, speakers, player, currentMatch, acts }}
            separator={props.separator}
            matches={search.isOpen ? search.matches : []}
            drafts={props.drafts}
          />
        </div>
        {speakers.size > 0 && (
          <SpeakerPanel
            {...{ speakers, player, acts }}
            turns={transcript.turns}
            isTellingApart={props.isTellingApart}
          />
        )}
      </main>
      {acts && chosen && (
        <ChosenBar
          {...{ chosen, player }}
          onForget={marking.forget}
          onWhose={() => {
            const quote = chosen.words.map((word) => word.text).join(props.separator);
            acts.askWhose({ title: "Who says this?", quote, stretch: () => stretchOf(chosen.words) });
          }}
        />
      )}
      {props.hasAudio && (
        <PlayerBar player={player} duration={transcript.duration}>
          <Waveform
            {...{ speakers, player }}
            outline={props.outline}
            duration={transcript.duration}
            turns={transcript.turns}
          />
        </PlayerBar>
      )}
      {isHelping && (
        <HelpDialog
          onClose={() => {
            setIsHelping(false);
          }}
        />
      )}
    </>
  );
}

/** How many words the engine was not sure of, and a way to the next. */
function Doubts({ paragraphs, onNext }: { paragraphs: readonly Paragraph[]; onNext: () => void }) {
  const count = useMemo(
    () => paragraphs.reduce((sum, { words }) => sum + words.filter(isDoubtful).length, 0),
    [paragraphs],
  );
  if (count === 0) return null;
  return (
    <Button look="quiet" icon="down" title="Go to the next one" onClick={onNext}>
      {count === 1 ? "One doubtful word" : `${count} doubtful words`}
    </Button>
  );
}
