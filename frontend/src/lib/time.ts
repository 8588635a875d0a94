/** Seconds, sizes and dates in words. */

/** `75.4` as `1:15`, an hour and more as `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** A length in words, as short as it stays true: `45 s`, `12 min`, `1 h 5 min`. */
export function lengthInWords(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest ? ` ${rest} min` : ""}`;
}

export function timeLeft(seconds: number | null): string {
  if (seconds === null) return "";
  return seconds < 5 ? "a moment left" : `${lengthInWords(seconds)} left`;
}

const UNITS = ["bytes", "KB", "MB", "GB"];

export function sizeInWords(bytes: number): string {
  let [size, unit] = [bytes, 0];
  while (size >= 1000 && unit < UNITS.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${size >= 10 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}

const DAY = 86_400;

/** When something was, seconds since the epoch, as one would say it `now`. */
export function whenInWords(then: number, now = Date.now() / 1000): string {
  const date = new Date(then * 1000);
  const hour = date.toLocaleTimeString(undefined, { hour: "numeric", minute: "2-digit" });
  const midnight = new Date(now * 1000).setHours(0, 0, 0, 0) / 1000;
  if (then >= midnight) return hour;
  if (then >= midnight - DAY) return `Yesterday, ${hour}`;
  const sameYear = date.getFullYear() === new Date(now * 1000).getFullYear();
  return date.toLocaleDateString(undefined, {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
  });
}
