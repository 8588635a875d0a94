/** Names of languages in the reader's own. */
const names = new Intl.DisplayNames(undefined, { type: "language", fallback: "code" });

export function languageName(code: string): string {
  try {
    return names.of(code) ?? code;
  } catch {
    return code;
  }
}

export function sortedByName(codes: readonly string[]): { value: string; label: string }[] {
  return codes
    .map((value) => ({ value, label: languageName(value) }))
    .sort((one, other) => one.label.localeCompare(other.label));
}
