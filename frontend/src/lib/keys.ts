/** Keys and what they do: one table for doing and for showing. */

export interface Shortcut {
  /** As `KeyboardEvent.key`, `Mod+` for Ctrl or Command, `Alt+`, `Shift+`. */
  keys: readonly string[];
  does: string;
}

export const SHORTCUTS = {
  play: { keys: [" ", "k"], does: "Play or pause" },
  back: { keys: ["ArrowLeft", "j"], does: "Five seconds back" },
  forward: { keys: ["ArrowRight", "l"], does: "Five seconds forward" },
  slower: { keys: ["<", ","], does: "Slower" },
  faster: { keys: [">", "."], does: "Faster" },
  previous: { keys: ["ArrowUp", "p"], does: "Paragraph before" },
  next: { keys: ["ArrowDown", "n"], does: "Next paragraph" },
  wordBack: { keys: ["b"], does: "Word before" },
  word: { keys: ["w"], does: "Next word" },
  choose: { keys: ["Shift+ArrowRight"], does: "Choose words, one more" },
  unchoose: { keys: ["Shift+ArrowLeft"], does: "Choose words, one less" },
  doubt: { keys: ["d"], does: "Next doubtful word" },
  edit: { keys: ["e"], does: "Correct the paragraph being played" },
  whose: { keys: ["s"], does: "Say who speaks: the chosen words, or the paragraph" },
  split: { keys: ["x"], does: "Split before the word being played" },
  rename: { keys: ["r"], does: "Rename whoever is speaking" },
  search: { keys: ["/", "Mod+f"], does: "Search" },
  replace: { keys: ["f"], does: "Search and replace" },
  undo: { keys: ["Mod+z"], does: "Undo" },
  redo: { keys: ["Mod+Shift+z", "Mod+y"], does: "Redo" },
  take: { keys: ["t"], does: "Take it away: formats, preview, copy" },
  help: { keys: ["?"], does: "Show these keys" },
} as const satisfies Record<string, Shortcut>;

export type Action = keyof typeof SHORTCUTS;

/** Say what a key does, null for nothing; keys typed into a field are text. */
export function actionOf(event: KeyboardEvent): Action | null {
  if (event.defaultPrevented || isTyping(event.target)) return null;
  const pressed = nameOf(event);
  if (pressed === " " && event.target instanceof HTMLElement && event.target.closest("button, a")) {
    return null; // it presses the button
  }
  for (const [action, { keys }] of Object.entries(SHORTCUTS)) {
    if ((keys as readonly string[]).includes(pressed)) return action as Action;
  }
  return null;
}

function nameOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) return `Mod+${event.shiftKey ? "Shift+" : ""}${key}`;
  if (event.altKey) return `Alt+${key}`;
  return event.shiftKey && key.length > 1 ? `Shift+${key}` : key;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("dialog, [role=menu]")) return true;
  return target.matches("input, textarea, select, [contenteditable]");
}

const SHOWN: Record<string, string> = {
  " ": "Space",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
};

export function keyShown(key: string): string {
  const isMac = navigator.userAgent.includes("Mac");
  return key
    .split("+")
    .map((part) => (part === "Mod" ? (isMac ? "⌘" : "Ctrl") : (SHOWN[part] ?? part)))
    .map((part) => (part === "Shift" ? "⇧" : /^[a-z]$/.test(part) ? part.toUpperCase() : part))
    .join(" ");
}
