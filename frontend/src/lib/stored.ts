/** Values that outlive a visit. A browser that keeps nothing is served without. */

export function readStored(key: string, storage: Storage = localStorage): unknown {
  try {
    const text = storage.getItem(key);
    return text === null ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}

/** Keep a value; null keeps nothing. */
export function store(key: string, value: unknown, storage: Storage = localStorage): void {
  try {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(value));
  } catch {
    // full, or forbidden: it is a convenience
  }
}
