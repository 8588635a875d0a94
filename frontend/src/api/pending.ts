/**
 * What an edit will make of a transcript, shown until the server says what it made of it.
 *
 * It follows `quoth/domain/draft.py` as far as the eye can see; times inside a correction are
 * guessed, and the server's answer takes the place of all of it.
 */
import type { Edit, Transcript } from "./transcripts";

type Segment = Transcript["segments"][number];
type Word = Segment["words"][number];
type Stretch = { start: number; end: number };
type Correction = { interval: Stretch; text: string };

/** Seconds of a word so short that it is in any stretch that touches it. */
const INSTANT = 0.002;

export function isWithin({ start, end }: Stretch, { start: from, end: to }: Stretch): boolean {
  const middle = (start + end) / 2;
  if (end - start < INSTANT) return middle >= from - INSTANT / 2 && middle <= to + INSTANT / 2;
  return middle >= from && middle < to;
}

/** @param newcomer id to show for a speaker whom the edit makes */
export function withEdit(transcript: Transcript, edit: Edit, newcomer: string): Transcript {
  switch (edit.kind) {
    case "rename_speaker": {
      const name = edit.name || `Speaker ${edit.speaker}`;
      const rename = (one: Transcript["speakers"][number]) => (one.id === edit.speaker ? { ...one, name } : one);
      return { ...transcript, speakers: transcript.speakers.map(rename) };
    }
    case "merge_speakers":
      return merged(transcript, edit.speaker, edit.into);
    case "reassign_interval":
      return given(transcript, [edit.interval], edit.speaker ?? newcomer, edit.name);
    case "split_speaker":
      return given(transcript, edit.intervals, newcomer, edit.name, edit.speaker);
    case "correct_text":
      return corrected(transcript, [edit]);
    case "correct_texts":
      return corrected(transcript, edit.corrections);
  }
}

function merged(transcript: Transcript, speaker: string, into: string): Transcript {
  const move = <T extends { speaker: string | null }>(one: T): T =>
    one.speaker === speaker ? { ...one, speaker: into } : one;
  const gone = transcript.speakers.find(({ id }) => id === speaker);
  return {
    ...transcript,
    segments: transcript.segments.map(move),
    turns: transcript.turns.map(move),
    speakers: transcript.speakers
      .filter(({ id }) => id !== speaker)
      .map((one) => (one.id === into ? { ...one, seconds: one.seconds + (gone?.seconds ?? 0) } : one)),
  };
}

function given(
  transcript: Transcript,
  intervals: readonly Stretch[],
  speaker: string,
  name: string | undefined,
  only?: string,
): Transcript {
  const isMeant = (word: Word): boolean => intervals.some((interval) => isWithin(word, interval));
  const segments = transcript.segments.flatMap((segment) => {
    if (segment.speaker === speaker || (only !== undefined && segment.speaker !== only)) return [segment];
    if (!intervals.some(({ start, end }) => segment.start <= end && segment.end >= start)) return [segment];
    const pieces: Segment[] = [];
    for (const word of segment.words) {
      const whose = isMeant(word) ? speaker : segment.speaker;
      const last = pieces.at(-1);
      if (last && last.speaker === whose) last.words.push(word);
      else pieces.push({ ...segment, start: word.start, speaker: whose, words: [word] });
    }
    return pieces;
  });
  const isKnown = transcript.speakers.some(({ id }) => id === speaker);
  const somebody = { id: speaker, name: name || "Somebody new", seconds: 0 };
  const speakers = isKnown ? transcript.speakers : [...transcript.speakers, somebody];
  return { ...transcript, segments, speakers };
}

function corrected(transcript: Transcript, corrections: readonly Correction[]): Transcript {
  const hasSpaces = transcript.segments.some(({ text }) => text.includes(" "));
  let segments = transcript.segments;
  for (const { interval, text } of corrections) {
    const heard = wordsWithin(segments, interval);
    const said = saidInstead(heard, text, hasSpaces);
    let isPut = false;
    segments = segments.flatMap((segment) => {
      if (segment.start > interval.end || segment.end < interval.start) return [segment];
      const first = segment.words.findIndex((word) => isWithin(word, interval));
      if (first < 0) return [segment];
      const others = segment.words.filter((word) => !isWithin(word, interval));
      const words = isPut ? others : [...others.slice(0, first), ...said, ...others.slice(first)];
      isPut = true;
      return words.length > 0 ? [{ ...segment, words }] : [];
    });
  }
  return { ...transcript, segments };
}

function wordsWithin(segments: readonly Segment[], interval: Stretch): Word[] {
  return segments
    .filter(({ start, end }) => start <= interval.end && end >= interval.start)
    .flatMap(({ words }) => words.filter((word) => isWithin(word, interval)));
}

function saidInstead(heard: readonly Word[], text: string, hasSpaces: boolean): Word[] {
  const [first, last] = [heard[0], heard.at(-1)];
  const texts = (hasSpaces ? text.split(/\s+/) : [text]).filter(Boolean);
  if (!first || !last) return [];
  const each = (last.end - first.start) / texts.length;
  return texts.map((said, place) => {
    const same = heard.length === texts.length ? heard[place] : undefined;
    if (same?.text === said) return same;
    const start = same?.start ?? first.start + place * each;
    return { ...first, text: said, start, end: same?.end ?? start + each, confidence: null };
  });
}

/** Whether a transcript is as an edit wanted it: an answer that got lost on its way may have been yes. */
export function isMade(transcript: Transcript, edit: Edit, before: Transcript | undefined): boolean {
  const { speakers, segments } = transcript;
  const whose = (interval: Stretch): Set<string | null> =>
    new Set(
      segments
        .filter((one) => one.words.some((word) => isWithin(word, interval)))
        .map(({ speaker }) => speaker),
    );
  const reads = ({ interval, text }: Correction): boolean =>
    letters(wordsWithin(segments, interval).map((word) => word.text).join("")) === letters(text);
  switch (edit.kind) {
    case "rename_speaker":
      return speakers.some(({ id, name }) => id === edit.speaker && name === edit.name.trim());
    case "merge_speakers":
      return !speakers.some(({ id }) => id === edit.speaker);
    case "reassign_interval": {
      const [one, ...others] = whose(edit.interval);
      if (one === undefined || one === null || others.length > 0) return false;
      return edit.speaker === null ? !before?.speakers.some(({ id }) => id === one) : one === edit.speaker;
    }
    case "split_speaker":
      return false;
    case "correct_text":
      return reads(edit);
    case "correct_texts":
      return edit.corrections.every(reads);
  }
}

/** Who speaks at the beginning of a stretch, as the server calls them. */
export function speakerAt(transcript: Transcript, interval: Stretch): string | null {
  const segment = transcript.segments.find((one) => one.words.some((word) => isWithin(word, interval)));
  return segment?.speaker ?? null;
}

const letters = (text: string): string => text.replace(/\s+/g, "");
