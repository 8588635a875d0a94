/** What a person prefers, kept in the browser under one version. */
import { useSyncExternalStore } from "react";
import { Listeners } from "../lib/listeners";
import { optionsOf, type Options } from "../lib/options";
import { readStored, store } from "../lib/stored";

const KEY = "quoth.settings.v1";
const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export interface Settings {
  theme: Theme;
  /** Playing speed. */
  speed: number;
  options: Options;
}

function settingsOf(kept: unknown): Settings {
  const { theme, speed, options } = (kept ?? {}) as Record<string, unknown>;
  return {
    theme: THEMES.find((known) => known === theme) ?? "system",
    speed: typeof speed === "number" && speed >= 0.5 && speed <= 3 ? speed : 1,
    options: optionsOf(options),
  };
}

class SettingsStore extends Listeners {
  private current = settingsOf(readStored(KEY));

  readonly get = (): Settings => this.current;

  readonly set = (changes: Partial<Settings>): void => {
    this.current = { ...this.current, ...changes };
    store(KEY, this.current);
    this.applyTheme();
    this.tell();
  };

  applyTheme(): void {
    document.documentElement.dataset.theme = this.current.theme;
  }
}

export const settings = new SettingsStore();

export function useSettings(): [Settings, (changes: Partial<Settings>) => void] {
  return [useSyncExternalStore(settings.subscribe, settings.get), settings.set];
}
