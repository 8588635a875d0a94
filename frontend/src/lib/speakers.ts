/** How speakers are told apart by the eye. */

export interface SpeakerLook {
  id: string;
  name: string;
  seconds: number;
  /** From 0 to 7, after which colours come again. */
  color: number;
}

export const COLORS = 8;

export function looksOf(
  speakers: readonly { id: string; name: string; seconds: number }[],
): Map<string, SpeakerLook> {
  return new Map(
    speakers.map((speaker, place) => [speaker.id, { ...speaker, color: place % COLORS }]),
  );
}

/** The longest time somebody speaks on end, at most so many seconds: a sample of the voice. */
export function sampleOf(
  turns: readonly { start: number; end: number; speaker: string }[],
  speaker: string,
  most = 6,
): { start: number; end: number } | null {
  let longest: { start: number; end: number } | null = null;
  for (const turn of turns) {
    if (turn.speaker !== speaker) continue;
    if (!longest || turn.end - turn.start > longest.end - longest.start) longest = turn;
  }
  return longest && { start: longest.start, end: Math.min(longest.end, longest.start + most) };
}
