/** What a person chooses before a recording is transcribed, and what that is for the server. */

export type SpeakerCount = "auto" | "exact" | "range";

export interface Options {
  diarize: boolean;
  speakerCount: SpeakerCount;
  numSpeakers: number;
  minSpeakers: number;
  maxSpeakers: number;
  language: string;
  model: string;
  keywords: string;
}

export const USUAL: Options = {
  diarize: true,
  speakerCount: "auto",
  numSpeakers: 2,
  minSpeakers: 2,
  maxSpeakers: 4,
  language: "",
  model: "",
  keywords: "",
};

/** Read what was kept: values of the right type are taken, others are the usual ones. */
export function optionsOf(kept: unknown): Options {
  const options = { ...USUAL };
  if (typeof kept !== "object" || kept === null) return options;
  for (const key of Object.keys(USUAL) as (keyof Options)[]) {
    const value = (kept as Record<string, unknown>)[key];
    if (typeof value === typeof USUAL[key]) Object.assign(options, { [key]: value });
  }
  return options;
}

export function keywordsOf(text: string): string[] {
  return [...new Set(text.split(/[,\n;]/).map((word) => word.trim()).filter(Boolean))];
}

export interface Can {
  keywords: boolean;
  languages: readonly string[];
  models: readonly string[];
}

/** The fields of the form of a new job; what the engine cannot do is not asked for. */
export function formOf(options: Options, can: Can) {
  const hints = {
    auto: {},
    exact: { num_speakers: options.numSpeakers },
    range: { min_speakers: options.minSpeakers, max_speakers: options.maxSpeakers },
  }[options.speakerCount];
  const keywords = can.keywords ? keywordsOf(options.keywords) : [];
  return {
    diarize: options.diarize,
    ...(options.diarize ? hints : {}),
    ...(can.languages.includes(options.language) ? { language: options.language } : {}),
    ...(can.models.includes(options.model) ? { model: options.model } : {}),
    ...(keywords.length > 0 ? { keywords } : {}),
  };
}
