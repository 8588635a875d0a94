/** Mending a transcript while one reads it. What is typed stays until the server has it. */
import { useMemo, useRef, useState } from "react";
import type { Paragraph } from "../lib/paragraphs";
import type { SpeakerLook } from "../lib/speakers";
import type { useReader } from "./useReader";
import { useEdits } from "./useTranscript";

type Edits = ReturnType<typeof useEdits>;
type Drafts = ReadonlyMap<number, string>;
/** Paragraphs of nothing but words without duration have to be a stretch of time all the same. */
const SHORTEST = 0.001;

const stretch = ({ start, end }: Paragraph) => ({ start, end: Math.max(end, start + SHORTEST) });

export function useReaderActs(
  jobId: string,
  { separator }: ReturnType<typeof useReader>,
  askName: (speaker: SpeakerLook) => void,
) {
  const edits = useEdits(jobId);
  const [drafts, setDrafts] = useState<Drafts>(new Map());
  // The acts stay the same over renders, or every row would render with each of them.
  const latest = useRef({ edits, askName, separator });
  latest.current = { edits, askName, separator };

  const acts = useMemo(() => {
    const edit = (...wanted: Parameters<Edits["edit"]>): Promise<boolean> =>
      latest.current.edits.edit(...wanted).then(
        () => true,
        () => false, // it was told
      );
    const textOf = ({ words }: Paragraph): string =>
      words.map((word) => word.text).join(latest.current.separator);
    const draft = ({ start }: Paragraph, text: string | null): void => {
      setDrafts((before) => {
        const after = new Map(before);
        if (text === null) after.delete(start);
        else after.set(start, text);
        return after;
      });
    };
    return {
      draft,
      begin: (paragraph: Paragraph) => {
        draft(paragraph, textOf(paragraph));
      },
      correct: (paragraph: Paragraph, text: string) => {
        const wanted = { interval: stretch(paragraph), text, was: textOf(paragraph) };
        void edit({ kind: "correct_text", ...wanted }).then((isKept) => {
          if (isKept) draft(paragraph, null);
        });
      },
      reassign: (paragraph: Paragraph, speaker: string | null) => {
        void edit({ kind: "reassign_interval", interval: stretch(paragraph), speaker, name: "" });
      },
      merge: (speaker: SpeakerLook, into: SpeakerLook) => {
        void edit({ kind: "merge_speakers", speaker: speaker.id, into: into.id });
      },
      askName: (speaker: SpeakerLook) => {
        latest.current.askName(speaker);
      },
      tellApart: (...hints: Parameters<Edits["tellApart"]>) => {
        latest.current.edits.tellApart(...hints);
      },
      undo: () => {
        latest.current.edits.undo();
      },
      redo: () => {
        latest.current.edits.redo();
      },
    };
  }, []);
  return { acts, edits, drafts };
}
