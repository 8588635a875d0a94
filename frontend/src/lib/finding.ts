/** Search in a transcript: matches may reach over words, never over paragraphs. */
import { stretchOf, type Paragraph, type Stretch } from "./paragraphs";

export interface Match {
  paragraph: number;
  /** Words of the paragraph that are touched, `from` to before `to`. */
  from: number;
  to: number;
  /** Letters of the paragraph's plain text, as `plain` makes them. */
  start: number;
  end: number;
}

/** For comparing: no case, no accents. */
function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("ς", "σ");
}

interface Plain {
  separator: string;
  text: string;
  /** Where each word begins in it. */
  starts: number[];
}

/** Comparing ten hours takes a while the first time only. */
const known = new WeakMap<Paragraph, Plain>();

function plainOf(paragraph: Paragraph, separator: string): Plain {
  const before = known.get(paragraph);
  if (before?.separator === separator) return before;
  const made: Plain = { separator, text: "", starts: [] };
  for (const word of paragraph.words) {
    made.starts.push(made.text.length);
    made.text += plain(word.text) + separator;
  }
  known.set(paragraph, made);
  return made;
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
  const { text, starts } = plainOf(paragraph, separator);
  const wordAt = (place: number): number => {
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? Infinity) <= place) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const matches: Match[] = [];
  for (let place = text.indexOf(wanted); place >= 0; place = text.indexOf(wanted, place + wanted.length)) {
    const end = place + wanted.length;
    matches.push({
      paragraph: paragraph.index,
      from: wordAt(place),
      to: wordAt(end - 1) + 1,
      start: place,
      end,
    });
  }
  return matches;
}

export interface Replacement {
  interval: Stretch;
  /** The words that are replaced, and what comes in their place. */
  was: string;
  text: string;
}

/** What replacing matches comes to: each stretch of words that some of them touch, once. */
export function replacements(
  paragraphs: readonly Paragraph[],
  matches: readonly Match[],
  replacement: string,
  separator: string,
): Replacement[] {
  const groups: Match[][] = [];
  for (const match of matches) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (group && last?.paragraph === match.paragraph && match.from < last.to) group.push(match);
    else groups.push([match]);
  }
  return groups.flatMap((group) => {
    const [first, last] = [group[0], group.at(-1)];
    const paragraph = first && paragraphs[first.paragraph];
    if (!paragraph || !last) return [];
    return [replacementOf(paragraph, group, first.from, last.to, replacement, separator)];
  });
}

function replacementOf(
  paragraph: Paragraph,
  group: readonly Match[],
  from: number,
  to: number,
  replacement: string,
  separator: string,
): Replacement {
  const words = paragraph.words.slice(from, to);
  const origin = plainOf(paragraph, separator).starts[from] ?? 0;
  let text = "";
  let place = origin; // in the plain text, while `text` is made of the letters as they are
  let matching = 0;
  const put = (letter: string): void => {
    const match = group[matching];
    const length = plain(letter).length;
    if (!match || place + length <= match.start || (length === 0 && place <= match.start)) text += letter;
    place += length;
    if (match && place >= match.end) {
      text += replacement;
      matching += 1;
    }
  };
  words.forEach((word, at) => {
    for (const letter of word.text.normalize("NFC")) put(letter);
    if (at < words.length - 1) for (const letter of separator) put(letter);
  });
  return {
    interval: stretchOf(words),
    was: words.map((word) => word.text).join(separator),
    text,
  };
}
