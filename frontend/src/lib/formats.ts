/** What a transcript can be taken away as: the rows of docs/formats.md that people ask for. */

export interface Format {
  name: string;
  label: string;
  /** Whether it has times without being asked; null where it is nothing one could choose. */
  times: boolean | null;
  /** What leaving names out does. */
  speakers: string | null;
  hasLineLength: boolean;
  /** The format whose text shows what is in it, for those that are no text. */
  previewedAs?: string;
}

const NAMES = "Names of speakers";

export const FORMATS: readonly Format[] = [
  { name: "docx", label: "Word", times: true, speakers: NAMES, hasLineLength: false, previewedAs: "txt" },
  { name: "txt", label: "Plain text", times: false, speakers: NAMES, hasLineLength: true },
  { name: "md", label: "Markdown", times: true, speakers: NAMES, hasLineLength: true },
  { name: "srt", label: "Subtitles", times: null, speakers: NAMES, hasLineLength: true },
  { name: "vtt", label: "Web subtitles", times: null, speakers: NAMES, hasLineLength: true },
  { name: "json", label: "Everything, for programs", times: null, speakers: null, hasLineLength: false },
  { name: "rttm", label: "Who spoke when", times: null, speakers: null, hasLineLength: false },
];

export interface Look {
  format: string;
  times?: boolean;
  speakers?: boolean;
  line_length?: number;
  /** False for what the machine heard, before anybody mended it. */
  edited?: boolean;
}

export const SHORTEST_LINE = 20;
export const LONGEST_LINE = 200;
/** Width of a line of subtitles. */
export const USUAL_LINE = 42;
