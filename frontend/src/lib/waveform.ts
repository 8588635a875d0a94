/** The outline of a recording as bars, each in the colour of whoever speaks there. */

export interface Turn {
  start: number;
  end: number;
  speaker: string;
}

export interface Bar {
  /** From 0 to 1. */
  height: number;
  speaker: string | null;
}

/**
 * Reduce an outline to bars.
 *
 * @param data smallest and largest sample of each stretch, in turn, as 8-bit integers
 */
export function barsOf(
  data: readonly number[],
  count: number,
  duration: number,
  turns: readonly Turn[],
): Bar[] {
  const stretches = Math.floor(data.length / 2);
  const loudest = Math.max(8, percentile(data, 0.995));
  const speakers = speakersAt(turns, count, duration);
  return Array.from({ length: count }, (_, bar) => {
    const first = Math.floor((bar * stretches) / count);
    const last = Math.max(first + 1, Math.floor(((bar + 1) * stretches) / count));
    let peak = 0;
    for (let at = 2 * first; at < 2 * last; at += 1) peak = Math.max(peak, Math.abs(data[at] ?? 0));
    return { height: Math.min(1, peak / loudest) ** 0.8, speaker: speakers[bar] ?? null };
  });
}

/** Who speaks in the middle of each of `count` stretches; of two, the one who began last. */
export function speakersAt(
  turns: readonly Turn[],
  count: number,
  duration: number,
): (string | null)[] {
  const speakers = new Array<string | null>(count).fill(null);
  if (duration <= 0) return speakers;
  for (const turn of turns) {
    const first = Math.max(0, Math.floor((turn.start / duration) * count));
    const last = Math.min(count - 1, Math.floor((turn.end / duration) * count));
    for (let at = first; at <= last; at += 1) speakers[at] = turn.speaker;
  }
  return speakers;
}

function percentile(data: readonly number[], share: number): number {
  const counts = new Uint32Array(129);
  for (const value of data) {
    const size = Math.min(128, Math.abs(value));
    counts[size] = (counts[size] ?? 0) + 1;
  }
  let left = data.length * (1 - share);
  for (let size = 128; size > 0; size -= 1) {
    left -= counts[size] ?? 0;
    if (left <= 0) return size;
  }
  return 0;
}
