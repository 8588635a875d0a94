import { useMemo, useState, type ReactNode } from "react";
import type { Outline, Transcript } from "../api/transcripts";
import { useKeys } from "../hooks/useKeys";
import type { Player } from "../hooks/usePlayer";
import type { Search } from "../hooks/useSearch";
import { useSettings } from "../hooks/useSettings";
import { isDoubtful, lastBegun, type Paragraph } from "../lib/paragraphs";
import type { SpeakerLook } from "../lib/speakers";
import { HelpDialog } from "./HelpDialog";
import type { ParagraphActs } from "./ParagraphRow";
import { PlayerBar, SKIP, SPEEDS } from "./PlayerBar";
import { SearchBar } from "./SearchBar";
import { SpeakerPanel, type SpeakerPanelActs } from "./SpeakerPanel";
import { TranscriptList } from "./TranscriptList";
import { Waveform } from "./Waveform";

export interface ReaderActs extends ParagraphActs, SpeakerPanelActs {
  undo: () => void;
  redo: () => void;
  /** Begin to correct a paragraph. */
  begin: (paragraph: Paragraph) => void;
}

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
  acts: ReaderActs | null;
  children?: ReactNode;
}

/** A transcript with all one does while reading and listening. */
export function Reader(props: ReaderProps) {
  const { transcript, paragraphs, speakers, player, search, acts, children } = props;
  const [isHelping, setIsHelping] = useState(false);
  useReaderKeys(props, () => {
    setIsHelping(true);
  });
  const currentMatch = search.isOpen ? search.matches[search.current] : undefined;
  return (
    <>
      {search.isOpen && <SearchBar search={search} />}
      <main className="reader">
        {children}
        <div className="reader-text">
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

function useReaderKeys({ paragraphs, player, search, acts }: ReaderProps, help: () => void): void {
  const [{ speed }, change] = useSettings();
  const words = useMemo(() => paragraphs.flatMap((paragraph) => paragraph.words), [paragraphs]);
  const faster = (by: number): void => {
    const place = SPEEDS.findIndex((one) => one === speed);
    const next = SPEEDS[place + by];
    if (next !== undefined) change({ speed: next });
  };
  const paragraphAt = (offset: number): Paragraph | undefined =>
    paragraphs[Math.max(0, lastBegun(paragraphs, player.time) + offset)];
  const jump = (offset: number): void => {
    const paragraph = paragraphAt(offset);
    if (paragraph) player.seek(paragraph.start);
  };
  useKeys({
    play: player.toggle,
    back: () => {
      player.skip(-SKIP);
    },
    forward: () => {
      player.skip(SKIP);
    },
    slower: () => {
      faster(-1);
    },
    faster: () => {
      faster(1);
    },
    previous: () => {
      jump(-1);
    },
    next: () => {
      jump(1);
    },
    doubt: () => {
      const doubt = words.find((word) => word.start > player.time + 0.01 && isDoubtful(word));
      if (doubt) player.seek(doubt.start);
    },
    search: search.open,
    help,
    ...(acts && {
      undo: acts.undo,
      redo: acts.redo,
      edit: () => {
        const paragraph = paragraphAt(0);
        if (paragraph) acts.begin(paragraph);
      },
    }),
  });
}
