/** Values of a tab that outlive its reload; what a closed tab leaves, the next one takes up. */

export interface PerTab<T> {
  /** Keep a value under a name; null keeps nothing. */
  keep: (name: string, value: T | null) => void;
  /** Take what this tab kept before a reload, and what closed tabs left. */
  take: (name: string) => T[];
}

export function perTab<T>(prefix: string): PerTab<T> {
  const mine = new Map<string, T>();
  window.addEventListener("pagehide", (event) => {
    if (event.persisted) return; // it may come back as it is
    for (const [name, value] of mine) {
      write(localStorage, prefix + name, [...taken(localStorage, prefix + name), value]);
      write(sessionStorage, prefix + name, []);
    }
  });
  return {
    keep: (name, value) => {
      if (value === null) mine.delete(name);
      else mine.set(name, value);
      write(sessionStorage, prefix + name, value === null ? [] : [value]);
    },
    take: (name) =>
      [...taken(sessionStorage, prefix + name), ...taken(localStorage, prefix + name)] as T[],
  };
}

function taken(storage: Storage, key: string): unknown[] {
  try {
    const found: unknown = JSON.parse(storage.getItem(key) ?? "[]");
    storage.removeItem(key);
    return Array.isArray(found) ? found : [];
  } catch {
    return []; // nothing can be kept here
  }
}

function write(storage: Storage, key: string, values: readonly unknown[]): void {
  try {
    if (values.length > 0) storage.setItem(key, JSON.stringify(values));
    else storage.removeItem(key);
  } catch {
    // full, or forbidden: what waits is sent as long as the page is open
  }
}
