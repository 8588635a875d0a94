import type { Paragraph } from "../lib/paragraphs";
import type { SpeakerActs } from "./SpeakerMenu";

export interface ParagraphActs extends SpeakerActs {
  /** Begin, go on with (text) or end (null) correcting a paragraph. */
  draft: (paragraph: Paragraph, text: string | null) => void;
  correct: (paragraph: Paragraph, text: string) => void;
  split: (paragraph: Paragraph, text: string, letter: number) => void;
}
