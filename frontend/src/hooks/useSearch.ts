import { useDeferredValue, useMemo, useState } from "react";
import { findMatches, type Match } from "../lib/finding";
import type { Paragraph } from "../lib/paragraphs";

export interface Search {
  isOpen: boolean;
  query: string;
  matches: readonly Match[];
  current: number;
  isReplacing: boolean;
  open: (isReplacing: boolean) => void;
  close: () => void;
  ask: (query: string) => void;
  /** Go so many matches on, around the end. */
  step: (by: number) => void;
}

export function useSearch(paragraphs: readonly Paragraph[], separator: string): Search {
  const [isOpen, setIsOpen] = useState(false);
  const [isReplacing, setIsReplacing] = useState(false);
  const [query, setQuery] = useState("");
  const [place, setPlace] = useState(0);
  const wanted = useDeferredValue(isOpen ? query : "");
  const matches = useMemo(
    () => findMatches(paragraphs, wanted, separator),
    [paragraphs, wanted, separator],
  );
  const current = Math.min(place, Math.max(0, matches.length - 1));
  return {
    isOpen,
    query,
    matches,
    current,
    isReplacing,
    open: (replacing) => {
      setIsOpen(true);
      setIsReplacing(replacing);
    },
    close: () => {
      setIsOpen(false);
    },
    ask: (next) => {
      setQuery(next);
      setPlace(0);
    },
    step: (by) => {
      if (matches.length > 0) setPlace((current + by + matches.length) % matches.length);
    },
  };
}
