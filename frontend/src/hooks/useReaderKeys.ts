/** The keys of a transcript: listening, going from word to word, mending. */
import { useMemo } from "react";
import { isDoubtful, lastBegun, stretchOf, type Paragraph, type Word } from "../lib/paragraphs";
import type { SpeakerLook } from "../lib/speakers";
import type { useChosen } from "./useChosen";
import { useKeys } from "./useKeys";
import { SKIP, SPEEDS, type Player } from "./usePlayer";
import type { Question, ReaderActs } from "./useReaderActs";
import type { Search } from "./useSearch";
import { useSettings } from "./useSettings";

interface Here {
  paragraphs: readonly Paragraph[];
  speakers: ReadonlyMap<string, SpeakerLook>;
  separator: string;
  player: Player;
  search: Search;
  marking: ReturnType<typeof useChosen>;
  acts: ReaderActs | null;
  onHelp: () => void;
  onTakeAway: (() => void) | null;
}

/** @returns what goes to the next doubtful word, as its key does */
export function useReaderKeys(here: Here): () => void {
  const { paragraphs, player, search, acts, onHelp, onTakeAway } = here;
  const [{ speed }, change] = useSettings();
  const words = useMemo(() => paragraphs.flatMap((paragraph) => paragraph.words), [paragraphs]);
  const faster = (by: number): void => {
    const next = SPEEDS[SPEEDS.findIndex((one) => one === speed) + by];
    if (next !== undefined) change({ speed: next });
  };
  const paragraphAt = (offset: number): Paragraph | undefined =>
    paragraphs[Math.max(0, lastBegun(paragraphs, player.time) + offset)];
  const seekTo = (thing: { start: number } | undefined): void => {
    if (thing) player.seek(thing.start);
  };
  const nextDoubt = (): void => {
    // After the last one it begins anew.
    seekTo(words.find((word) => word.start > player.time + 0.01 && isDoubtful(word)) ?? words.find(isDoubtful));
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
      seekTo(paragraphAt(-1));
    },
    next: () => {
      seekTo(paragraphAt(1));
    },
    wordBack: () => {
      seekTo(words[Math.max(0, lastBegun(words, player.time) - 1)]);
    },
    word: () => {
      seekTo(words[lastBegun(words, player.time) + 1]);
    },
    doubt: nextDoubt,
    search: () => {
      search.open(false);
    },
    help: onHelp,
    ...(onTakeAway && { take: onTakeAway }),
    ...(acts && editingKeys(here, acts, words, paragraphAt)),
  });
  return nextDoubt;
}

function editingKeys(
  { paragraphs, speakers, separator, player, search, marking }: Here,
  acts: ReaderActs,
  words: readonly Word[],
  paragraphAt: (offset: number) => Paragraph | undefined,
) {
  const current = (): number => Math.max(0, lastBegun(words, player.time));
  const extend = (by: number): void => {
    const { first, last } = marking.now() ?? { first: current(), last: current() - Math.max(0, by) };
    if (last + by < first) marking.forget();
    else marking.choose(first, Math.min(words.length - 1, last + by));
  };
  const ask = (title: string, meant: readonly Word[]): void => {
    const quote = meant.map((word) => word.text).join(separator);
    if (meant.length > 0) acts.askWhose({ title, quote, stretch: () => stretchOf(meant) } satisfies Question);
  };
  return {
    choose: () => {
      extend(1);
    },
    unchoose: () => {
      extend(-1);
    },
    whose: () => {
      ask("Who says this?", marking.chosen?.words ?? paragraphAt(0)?.words ?? []);
    },
    split: () => {
      const place = current();
      const there = paragraphs.findLast(({ firstWord }) => firstWord <= place);
      ask("Who says the rest?", there?.words.slice(place - there.firstWord) ?? []);
    },
    rename: () => {
      const speaker = speakers.get(paragraphAt(0)?.speaker ?? "");
      if (speaker) acts.askName(speaker);
    },
    replace: () => {
      search.open(true);
    },
    edit: () => {
      const paragraph = paragraphAt(0);
      if (paragraph) acts.begin(paragraph);
    },
    undo: acts.undo,
    redo: acts.redo,
  };
}
