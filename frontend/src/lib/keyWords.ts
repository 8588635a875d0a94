/** What is said of a key, in words. */
import { lengthInWords, sizeInWords } from "./time";

export interface Quotas {
  audio_seconds_per_day?: number | null;
  bytes_per_day?: number | null;
  concurrent_jobs?: number | null;
}

export interface Used {
  audio_seconds: number;
  bytes: number;
}

/** What was used today, beside what may be: `12 min of 2 h, 30 MB`. */
export function usedInWords(used: Used, quotas: Quotas): string {
  const { audio_seconds_per_day: seconds, bytes_per_day: bytes } = quotas;
  if (used.audio_seconds === 0 && used.bytes === 0) {
    const most = [
      ...(seconds == null ? [] : [lengthInWords(seconds)]),
      ...(bytes == null ? [] : [sizeInWords(bytes)]),
    ];
    return most.length > 0 ? `nothing of ${most.join(" and ")}` : "nothing";
  }
  const audio = lengthInWords(used.audio_seconds) + (seconds == null ? "" : ` of ${lengthInWords(seconds)}`);
  const size = sizeInWords(used.bytes) + (bytes == null ? "" : ` of ${sizeInWords(bytes)}`);
  return `${audio}, ${size}`;
}

const HOUR = 3600;
const GIGABYTE = 1e9;

/** A number as it was typed; null for none. */
function numberOf(typed: string): number | null {
  return typed.trim() === "" ? null : Number(typed);
}

/** Quotas as a person types them: hours and gigabytes a day, jobs at once. */
export function quotasOf(hours: string, gigabytes: string, jobs: string): Quotas {
  const [time, size, count] = [numberOf(hours), numberOf(gigabytes), numberOf(jobs)];
  return {
    audio_seconds_per_day: time === null ? null : time * HOUR,
    bytes_per_day: size === null ? null : Math.round(size * GIGABYTE),
    concurrent_jobs: count,
  };
}
