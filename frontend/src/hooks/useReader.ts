/** What showing a transcript takes, made of it once. */
import { useMemo } from "react";
import type { Transcript } from "../api/transcripts";
import { paragraphsOf, separatorOf } from "../lib/paragraphs";
import { looksOf } from "../lib/speakers";
import { useSearch } from "./useSearch";

export function useReader(transcript: Transcript) {
  const paragraphs = useMemo(() => paragraphsOf(transcript.segments), [transcript.segments]);
  const speakers = useMemo(() => looksOf(transcript.speakers), [transcript.speakers]);
  const separator = separatorOf(transcript.language);
  return { paragraphs, speakers, separator, search: useSearch(paragraphs, separator) };
}
