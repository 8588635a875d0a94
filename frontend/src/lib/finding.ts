/** Search in a transcript: matches may reach over words, never over paragraphs. */
import type { Paragraph } from "./paragraphs";

export interface Match {
  paragraph: number;
  /** Words of the paragraph that are touched, `from` to before `to`. */
  from: number;
  to: number;
}

/** For comparing: no case, no accents. */
function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

export function findMatches(
  paragraphs: readonly Paragraph[],
  query: string,
  separator: string,
): Match[] {
  const wanted = plain(query.trim());
  if (!wanted) return [];
  return paragraphs.flatMap((paragraph) => matchesIn(paragraph, wanted, separator));
}

function matchesIn(paragraph: Paragraph, wanted: string, separator: string): Match[] {
  const starts: number[] = [];
  let text = "";
  for (const word of paragraph.words) {
    starts.push(text.length);
    text += plain(word.text) + separator;
  }
  const wordAt = (place: number): number => {
    let word = 0;
    while ((starts[word + 1] ?? Infinity) <= place) word += 1;
    return word;
  };
  const matches: Match[] = [];
  for (let place = text.indexOf(wanted); place >= 0; place = text.indexOf(wanted, place + wanted.length)) {
    matches.push({
      paragraph: paragraph.index,
      from: wordAt(place),
      to: wordAt(place + wanted.length - 1) + 1,
    });
  }
  return matches;
}
