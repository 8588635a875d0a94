/** The words a person has marked, by mouse, finger or key: the browser's own selection. */
import { useCallback, useEffect, useState } from "react";
import { wordsBetween, type Paragraph, type Word } from "../lib/paragraphs";

export interface Chosen {
  /** Places in the whole transcript, both included. */
  first: number;
  last: number;
  words: readonly Word[];
}

const WORD = "[data-w]";

/** The word a point of the selection is in; between two of them the one on the given side. */
function placeOf(
  node: Node | null,
  offset: number,
  side: "previousElementSibling" | "nextElementSibling",
  paragraphs: readonly Paragraph[],
): number | null {
  if (!node) return null;
  const at = node instanceof Element ? (node.childNodes[offset] ?? node) : node;
  const element = at instanceof Element ? at : at.parentElement;
  let word = element?.closest<HTMLElement>(WORD) ?? null;
  if (!word && at instanceof CharacterData) {
    const near = at[side];
    word = near instanceof HTMLElement && near.matches(WORD) ? near : null;
  }
  const row = element?.closest<HTMLElement>("article[data-index]");
  const paragraph = paragraphs[Number(row?.dataset.index ?? NaN)];
  return word && paragraph ? paragraph.firstWord + Number(word.dataset.w) : null;
}

function read(paragraphs: readonly Paragraph[]): { first: number; last: number } | null {
  const selection = window.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const first = placeOf(range.startContainer, range.startOffset, "nextElementSibling", paragraphs);
  const last = placeOf(range.endContainer, range.endOffset, "previousElementSibling", paragraphs);
  return first !== null && last !== null && first <= last ? { first, last } : null;
}

export function useChosen(paragraphs: readonly Paragraph[]) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  useEffect(() => {
    const look = (): void => {
      const found = read(paragraphs);
      setChosen((before) => {
        if (!found) return null;
        if (before?.first === found.first && before.last === found.last) return before;
        return { ...found, words: wordsBetween(paragraphs, found.first, found.last) };
      });
    };
    look();
    document.addEventListener("selectionchange", look);
    return () => {
      document.removeEventListener("selectionchange", look);
    };
  }, [paragraphs]);

  const choose = useCallback(
    (first: number, last: number) => {
      const [from, to] = [elementOf(first, paragraphs), elementOf(last, paragraphs)];
      if (from && to) window.getSelection()?.setBaseAndExtent(from, 0, to, to.childNodes.length);
    },
    [paragraphs],
  );
  /** As it is at this moment: the browser tells of changes a little later. */
  const now = useCallback(() => read(paragraphs), [paragraphs]);
  return { chosen, choose, now, forget: () => window.getSelection()?.removeAllRanges() };
}

function elementOf(place: number, paragraphs: readonly Paragraph[]): Element | null {
  const paragraph = paragraphs.find(({ firstWord, words }) => place >= firstWord && place < firstWord + words.length);
  if (!paragraph) return null;
  return document.querySelector(
    `article[data-index="${paragraph.index}"] [data-w="${place - paragraph.firstWord}"]`,
  );
}
