/** Mending a transcript while one reads it. What is typed stays until the server has it. */
import { useEffect, useMemo, useRef, useState } from "react";
import type { SpeakerHints } from "../api/transcripts";
import { replacements, type Match } from "../lib/finding";
import { stretchOf, wordAtLetter, type Paragraph, type Stretch } from "../lib/paragraphs";
import type { SpeakerLook } from "../lib/speakers";
import { readStored, store } from "../lib/stored";
import { notices } from "./useNotices";
import type { useReader } from "./useReader";
import { useEdits } from "./useTranscript";

type Drafts = ReadonlyMap<number, string>;

/** Words of which it is asked whose they are. */
export interface Question {
  title: string;
  quote: string;
  stretch: () => Stretch | null;
}

export interface Asking {
  name: (speaker: SpeakerLook) => void;
  whose: (question: Question) => void;
}

export function useReaderActs(jobId: string, reader: ReturnType<typeof useReader>, asking: Asking) {
  const edits = useEdits(jobId);
  const [drafts, setDrafts] = useDrafts(jobId);
  // The acts stay the same over renders, or every row would render with each of them.
  const latest = useRef({ queue: edits.queue, asking, reader });
  latest.current = { queue: edits.queue, asking, reader };

  const acts = useMemo(() => {
    const now = () => latest.current;
    const textOf = ({ words }: Paragraph): string =>
      words.map((word) => word.text).join(now().reader.separator);
    const draft = ({ start }: Paragraph, text: string | null): void => {
      setDrafts((before) => {
        const after = new Map(before);
        if (text === null) after.delete(start);
        else after.set(start, text);
        return after;
      });
    };
    const correct = (paragraph: Paragraph, text: string): void => {
      draft(paragraph, null);
      const was = textOf(paragraph);
      if (text === was) return;
      now()
        .queue.edit({ kind: "correct_text", interval: stretchOf(paragraph.words), text, was })
        .catch(() => {
          draft(paragraph, text); // refused: it is there to be saved otherwise
        });
    };
    const reassign = (interval: Stretch, speaker: string | null, name = ""): void => {
      void now().queue.edit({ kind: "reassign_interval", interval, speaker, name });
    };
    return {
      draft,
      correct,
      reassign,
      begin: (paragraph: Paragraph) => {
        draft(paragraph, textOf(paragraph));
      },
      /** Part a paragraph before a letter of a text that is being typed, which is saved first. */
      split: (paragraph: Paragraph, text: string, letter: number) => {
        correct(paragraph, text.trim());
        const offset = letter - (text.length - text.trimStart().length);
        const quote = text.slice(letter).trim();
        if (!quote || offset <= 0) {
          notices.show("Put the cursor between two words: what comes after it can be somebody else’s.");
          return;
        }
        const stretch = (): Stretch | null => {
          const { paragraphs, separator } = now().reader;
          const there = paragraphs.find(({ start, end }) => start <= paragraph.start && end > paragraph.start);
          const word = there && wordAtLetter(there.words, offset, separator);
          return there && word ? stretchOf(there.words.slice(word)) : null;
        };
        now().asking.whose({ title: "Who says the rest?", quote, stretch });
      },
      askWhose: (question: Question) => {
        now().asking.whose(question);
      },
      replace: (matches: readonly Match[], replacement: string): Promise<void> => {
        const { paragraphs, separator } = now().reader;
        const corrections = replacements(paragraphs, matches, replacement, separator);
        return now().queue.edit({ kind: "correct_texts", corrections });
      },
      merge: (speaker: SpeakerLook, into: SpeakerLook) => {
        void now().queue.edit({ kind: "merge_speakers", speaker: speaker.id, into: into.id });
      },
      rename: (speaker: SpeakerLook, name: string) => {
        void now().queue.edit({ kind: "rename_speaker", speaker: speaker.id, name });
      },
      askName: (speaker: SpeakerLook) => {
        now().asking.name(speaker);
      },
      tellApart: (hints: SpeakerHints) => {
        now().queue.tellApart(hints);
      },
      undo: () => {
        now().queue.undo();
      },
      redo: () => {
        now().queue.redo();
      },
    };
  }, [setDrafts]);
  return { acts, edits, drafts };
}

export type ReaderActs = ReturnType<typeof useReaderActs>["acts"];

/** Texts being corrected, by the time their paragraph begins; they outlive a reload of the tab. */
function useDrafts(jobId: string) {
  const key = `quoth.drafts.v1.${jobId}`;
  const [drafts, setDrafts] = useState<Drafts>(() => draftsOf(readStored(key, sessionStorage)));
  useEffect(() => {
    store(key, drafts.size > 0 ? [...drafts] : null, sessionStorage);
  }, [key, drafts]);
  return [drafts, setDrafts] as const;
}

function draftsOf(kept: unknown): Drafts {
  const pairs: unknown[] = Array.isArray(kept) ? kept : [];
  return new Map(
    pairs.filter(
      (pair): pair is [number, string] =>
        Array.isArray(pair) && typeof pair[0] === "number" && typeof pair[1] === "string",
    ),
  );
}
