/** A transcript as it is read: paragraphs of one speaker, made of the lines of the server. */

export interface Word {
  text: string;
  start: number;
  end: number;
  speaker: string | null;
  confidence: number | null;
}

export interface Line {
  start: number;
  end: number;
  speaker: string | null;
  words: readonly Word[];
}

export interface Paragraph {
  /** Place in the transcript. */
  index: number;
  speaker: string | null;
  start: number;
  end: number;
  words: readonly Word[];
  /** How many words come before it. */
  firstWord: number;
}

/** A paragraph ends at a pause of so many seconds ... */
const PAUSE = 2.5;
/** ... or at the end of a sentence, when it has so many words. */
const ENOUGH_WORDS = 70;
const SENTENCE_END = /[.!?…。！？]["'”’)\]]*$/u;

export function paragraphsOf(lines: readonly Line[]): Paragraph[] {
  const found: Paragraph[] = [];
  let words: Word[] = [];
  let firstWord = 0;

  const close = (): void => {
    const [first, last] = [words[0], words.at(-1)];
    if (!first || !last) return;
    found.push({
      index: found.length,
      speaker: first.speaker,
      start: first.start,
      end: last.end,
      words,
      firstWord,
    });
    firstWord += words.length;
    words = [];
  };

  for (const line of lines) {
    const last = words.at(-1);
    if (last && endsBefore(line, last, words.length)) close();
    // The line says whose its words are, those of nobody included.
    for (const word of line.words) words.push({ ...word, speaker: line.speaker });
  }
  close();
  return found;
}

function endsBefore(line: Line, last: Word, count: number): boolean {
  if (line.speaker !== last.speaker || line.start - last.end > PAUSE) return true;
  return count >= ENOUGH_WORDS && SENTENCE_END.test(last.text);
}

/** Words as one reads them: scripts without spaces come with none of ours. */
const WITHOUT_SPACES = new Set(["zh", "ja", "th", "lo", "km", "my", "yue", "bo"]);

export function separatorOf(language: string | null): string {
  return language !== null && WITHOUT_SPACES.has(language) ? "" : " ";
}

/** The last of things in order that has begun at a time, -1 before all of them. */
export function lastBegun(things: readonly { start: number }[], seconds: number): number {
  let [low, high] = [0, things.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((things[middle]?.start ?? Infinity) <= seconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export const DOUBTFUL = 0.5;

export function isDoubtful(word: Word): boolean {
  return word.confidence !== null && word.confidence < DOUBTFUL;
}

export interface Stretch {
  start: number;
  end: number;
}

/** Words without duration have to be a stretch of time all the same. */
const SHORTEST = 0.001;

/** When words are said, the first to the last. */
export function stretchOf(words: readonly Word[]): Stretch {
  const start = words[0]?.start ?? 0;
  return { start, end: Math.max(words.at(-1)?.end ?? start, start + SHORTEST) };
}

/** The word that begins at a letter of the text, or the first after it. */
export function wordAtLetter(words: readonly Word[], letter: number, separator: string): number {
  let begins = 0;
  for (const [place, word] of words.entries()) {
    if (begins >= letter) return place;
    begins += word.text.length + separator.length;
  }
  return words.length;
}

/** Words by their place in the whole transcript. */
export function wordsBetween(paragraphs: readonly Paragraph[], first: number, last: number): Word[] {
  return paragraphs
    .filter(({ firstWord, words }) => firstWord <= last && firstWord + words.length > first)
    .flatMap(({ firstWord, words }) => words.slice(Math.max(0, first - firstWord), last - firstWord + 1));
}
