import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useAtTime, usePlayerState, type Player } from "../hooks/usePlayer";
import type { Match } from "../lib/finding";
import { lastBegun, type Paragraph } from "../lib/paragraphs";
import type { SpeakerLook } from "../lib/speakers";
import type { ParagraphActs } from "./paragraphActs";
import { ParagraphRow } from "./ParagraphRow";

interface TranscriptListProps {
  paragraphs: readonly Paragraph[];
  speakers: ReadonlyMap<string, SpeakerLook>;
  player: Player;
  separator: string;
  matches: readonly Match[];
  currentMatch: Match | undefined;
  /** Texts being corrected, by the time their paragraph begins. */
  drafts: ReadonlyMap<number, string>;
  acts: ParagraphActs | null;
}

/** How long following the playback waits for somebody who scrolls. */
const READING_MS = 4000;
const HEADER_PX = 120;
const PLAYER_PX = 160;
const NONE: readonly Match[] = [];

/** The paragraphs that are in view: ten hours are as quick as ten minutes. */
export function TranscriptList(props: TranscriptListProps) {
  const { paragraphs, speakers, player, separator, matches, currentMatch, drafts, acts } = props;
  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void => {
      setTop(list.current?.offsetTop ?? 0);
    };
    measure();
    const watch = new ResizeObserver(measure); // what is above it grows and shrinks
    watch.observe(document.body);
    return () => {
      watch.disconnect();
    };
  }, []);
  const rows = useWindowVirtualizer({
    count: paragraphs.length,
    estimateSize: (place) => 58 + 30 * Math.ceil((paragraphs[place]?.words.length ?? 0) / 12),
    overscan: 3,
    scrollMargin: top,
    scrollPaddingStart: HEADER_PX,
    scrollPaddingEnd: PLAYER_PX,
    getItemKey: (place) => paragraphs[place]?.start ?? place,
  });
  const scrollTo = useCallback(
    (place: number) => {
      rows.scrollToIndex(place, { align: "center" });
    },
    [rows],
  );
  useFollowing(player, paragraphs, scrollTo);
  useEffect(() => {
    if (currentMatch) scrollTo(currentMatch.paragraph);
  }, [currentMatch, scrollTo]);
  const byParagraph = useMemo(() => grouped(matches), [matches]);
  return (
    <div ref={list} className="transcript" role="feed" aria-label="Transcript">
      <div style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const paragraph = paragraphs[row.index];
          if (!paragraph) return null;
          return (
            <article
              key={row.key}
              ref={rows.measureElement}
              data-index={row.index}
              aria-posinset={row.index + 1}
              aria-setsize={paragraphs.length}
              style={{ transform: `translateY(${row.start - top}px)` }}
            >
              <ParagraphRow
                {...{ paragraph, speakers, player, separator, acts }}
                matches={byParagraph.get(row.index) ?? NONE}
                currentMatch={currentMatch?.paragraph === row.index ? currentMatch : undefined}
                draft={drafts.get(paragraph.start)}
              />
            </article>
          );
        })}
      </div>
    </div>
  );
}

function grouped(matches: readonly Match[]): Map<number, Match[]> {
  const found = new Map<number, Match[]>();
  for (const match of matches) {
    const there = found.get(match.paragraph);
    if (there) there.push(match);
    else found.set(match.paragraph, [match]);
  }
  return found;
}

/** Keep what is played in view, unless somebody scrolls to read elsewhere. */
function useFollowing(
  player: Player,
  paragraphs: readonly Paragraph[],
  scrollTo: (place: number) => void,
): void {
  const { isPlaying } = usePlayerState(player);
  const placeAt = useCallback((seconds: number) => lastBegun(paragraphs, seconds), [paragraphs]);
  const place = useAtTime(player, placeAt);
  const lastScroll = useRef(0);
  useEffect(() => {
    const touch = (): void => {
      lastScroll.current = Date.now();
    };
    const kinds = ["wheel", "touchmove"] as const;
    for (const kind of kinds) window.addEventListener(kind, touch, { passive: true });
    return () => {
      for (const kind of kinds) window.removeEventListener(kind, touch);
    };
  }, []);
  useEffect(() => {
    if (place < 0) return;
    if (isPlaying ? Date.now() - lastScroll.current > READING_MS : !isInView(place)) scrollTo(place);
  }, [isPlaying, place, scrollTo]);
}

/** Whether one sees a paragraph between the header and the player, or any of it if it is long. */
function isInView(place: number): boolean {
  const box = document.querySelector(`article[data-index="${place}"]`)?.getBoundingClientRect();
  return box !== undefined && box.bottom > HEADER_PX && box.top < window.innerHeight - PLAYER_PX;
}
