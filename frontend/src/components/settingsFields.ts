/** The settings of a new job, one row each: a new one is a row here and a field in `lib/options`. */
import { sortedByName } from "../lib/languages";
import type { Can, Options } from "../lib/options";

type KeyOf<T> = { [K in keyof Options]: Options[K] extends T ? K : never }[keyof Options];

interface Common {
  label: string;
  /** Whether it makes sense now, and the engine can do it. */
  isOffered: (can: Can, options: Options) => boolean;
}

export type Field = Common &
  (
    | { kind: "switch"; key: KeyOf<boolean> }
    | { kind: "select"; key: "language" | "model"; choices: (can: Can) => SelectChoice[] }
    | { kind: "text"; key: "keywords"; placeholder: string }
    | { kind: "speakers"; key: "speakerCount" }
  );

export interface SelectChoice {
  value: string;
  label: string;
}

const always = (): boolean => true;

export const FIELDS: readonly Field[] = [
  {
    kind: "switch",
    key: "diarize",
    label: "Tell speakers apart",
    isOffered: always,
  },
  {
    kind: "speakers",
    key: "speakerCount",
    label: "How many speakers",
    isOffered: (_can, options) => options.diarize,
  },
  {
    kind: "select",
    key: "language",
    label: "Language",
    choices: (can) => [{ value: "", label: "Detect it" }, ...sortedByName(can.languages)],
    isOffered: (can) => can.languages.length > 1,
  },
  {
    kind: "select",
    key: "model",
    label: "Model",
    choices: (can) => can.models.map((value, place) => ({ value: place ? value : "", label: value })),
    isOffered: (can) => can.models.length > 1,
  },
  {
    kind: "text",
    key: "keywords",
    label: "Names and words to expect",
    placeholder: "Ada Lovelace, beekeeping",
    isOffered: (can) => can.keywords,
  },
];

export const MOST_SPEAKERS = 20;
