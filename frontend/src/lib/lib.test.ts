import { describe, expect, it } from "vitest";
import { transcript } from "../test/samples";
import { findMatches, replacements } from "./finding";
import { formOf, keywordsOf, optionsOf, USUAL } from "./options";
import { lastBegun, paragraphsOf, stretchOf, wordAtLetter, wordsBetween } from "./paragraphs";
import { addressOf, parseRoute } from "./route";
import { clock, lengthInWords, sizeInWords } from "./time";
import { barsOf, speakersAt } from "./waveform";

const CAN = { keywords: true, languages: ["de", "en"], models: ["small"] };

describe("paragraphs", () => {
  it("join lines of one speaker and keep every word in order", () => {
    const { segments } = transcript("A: one two", "A: three", "B: four", "A: five");
    const paragraphs = paragraphsOf(segments);
    expect(paragraphs.map(({ speaker }) => speaker)).toEqual(["A", "B", "A"]);
    expect(paragraphs.flatMap(({ words }) => words)).toEqual(segments.flatMap(({ words }) => words));
    expect(paragraphs.map(({ firstWord }) => firstWord)).toEqual([0, 3, 4]);
  });

  it("end at a pause, and at a sentence's end when they are long", () => {
    const lines = transcript("A: one", "A: two").segments.map((line, place) => {
      const [start, end] = [9 * place, 9 * place + 1];
      return { ...line, start, end, words: line.words.map((word) => ({ ...word, start, end })) };
    });
    expect(paragraphsOf(lines)).toHaveLength(2);
    const long = transcript(`A: ${"word ".repeat(80)}end.`, "A: next");
    expect(paragraphsOf(long.segments)).toHaveLength(2);
  });
});

describe("lastBegun", () => {
  it("is the word that is said, the one before in a pause, none before the first", () => {
    const words = transcript("A: a b c").segments.flatMap((segment) => segment.words);
    expect([-0.5, 0, 0.95, 1, 99].map((t) => lastBegun(words, t))).toEqual([-1, 0, 0, 1, 2]);
  });
});

describe("search", () => {
  const paragraphs = paragraphsOf(transcript("A: Der Kaffee im Café", "B: kaffee, bitte").segments);

  it("heeds neither case nor accents and reaches over words", () => {
    expect(findMatches(paragraphs, "cafe", " ")).toMatchObject([{ paragraph: 0, from: 3, to: 4 }]);
    expect(findMatches(paragraphs, "KAFFEE IM", " ")).toMatchObject([{ paragraph: 0, from: 1, to: 3 }]);
    expect(findMatches(paragraphs, "kaffee", " ")).toHaveLength(2);
  });

  it("finds nothing for nothing", () => {
    expect(findMatches(paragraphs, "  ", " ")).toEqual([]);
  });
});

describe("replacing", () => {
  const replaced = (line: string, query: string, by: string): string[] => {
    const there = paragraphsOf(transcript(line).segments);
    return replacements(there, findMatches(there, query, " "), by, " ").map(({ was, text }) => `${was}>${text}`);
  };

  it("changes the letters that match and leaves the rest of their words", () => {
    expect(replaced("A: Anna, Annas Hut", "anna", "Ada")).toEqual(["Anna,>Ada,", "Annas>Adas"]);
    expect(replaced("A: in New York, New York!", "new york", "Rome")).toEqual(["New York,>Rome,", "New York!>Rome!"]);
  });

  it("changes a word once, however often it matches", () => {
    expect(replaced("A: banana split", "an", "on")).toEqual(["banana>bonona"]);
    expect(replaced("A: ab ab ab", "b a", "-")).toEqual(["ab ab ab>a-b a-b".replace("a-b a-b", "a-" + "-b")]);
  });

  it("finds its way among letters with accents, ligatures and case", () => {
    expect(replaced("A: Les Cafe\u0301s élus", "cafe", "bar")).toEqual(["Cafe\u0301s>bars"]);
    expect(replaced("A: ﬁnal çava", "final", "last")).toEqual(["ﬁnal>last"]);
    expect(replaced("A: İstanbul ΣΑΣ.", "σας", "x")).toEqual(["ΣΑΣ.>x."]);
  });

  it("takes words away where nothing comes in their place", () => {
    expect(replaced("A: well um then", "um", "")).toEqual(["um>"]);
  });
});

describe("words", () => {
  const { segments } = transcript("A: good morning", "B: all of you");
  const words = segments.flatMap((segment) => segment.words);

  it("are found by where the cursor is in their text", () => {
    expect([0, 1, 5, 6, 99].map((letter) => wordAtLetter(words.slice(0, 2), letter, " "))).toEqual([0, 1, 1, 2, 2]);
  });

  it("are taken over paragraphs, by their place in the whole", () => {
    expect(wordsBetween(paragraphsOf(segments), 1, 3).map(({ text }) => text)).toEqual(["morning", "all", "of"]);
  });

  it("without duration are a stretch all the same", () => {
    expect(stretchOf([{ text: "um", start: 2, end: 2, speaker: null, confidence: null }]).end).toBeGreaterThan(2);
  });
});

describe("options", () => {
  it("ask only for what the engine can do", () => {
    const wanted = { ...USUAL, language: "fr", model: "huge", keywords: "Ada" };
    expect(formOf(wanted, { ...CAN, keywords: false })).toEqual({ diarize: true });
  });

  it("send the hints of the chosen way, and none without speakers", () => {
    expect(formOf({ ...USUAL, speakerCount: "exact", numSpeakers: 3 }, CAN)).toEqual({ diarize: true, num_speakers: 3 });
    expect(formOf({ ...USUAL, speakerCount: "range" }, CAN)).toMatchObject({ min_speakers: 2, max_speakers: 4 });
    expect(formOf({ ...USUAL, speakerCount: "exact", diarize: false }, CAN)).toEqual({ diarize: false });
  });

  it("read keywords and whatever was kept", () => {
    expect(keywordsOf(" Ada, Bob\n Ada,, ")).toEqual(["Ada", "Bob"]);
    expect(optionsOf({ diarize: "yes", numSpeakers: 5 })).toEqual({ ...USUAL, numSpeakers: 5 });
    expect(optionsOf(null)).toEqual(USUAL);
  });
});

describe("routes", () => {
  it("come back from their address", () => {
    for (const route of [{ view: "home" }, { view: "job", id: "a-1" }, { view: "share", token: "t_2" }] as const) {
      expect(parseRoute(addressOf(route))).toEqual(route);
    }
  });

  it("are the start for anything else", () => {
    for (const hash of ["", "#/job/", "#/job/../x", "#/job/<script>", "#/other/1"]) {
      expect(parseRoute(hash)).toEqual({ view: "home" });
    }
  });
});

describe("words for numbers", () => {
  it("read well", () => {
    expect([0, 75.4, 3723, NaN].map(clock)).toEqual(["0:00", "1:15", "1:02:03", "0:00"]);
    expect([0, 59, 60, 3900].map(lengthInWords)).toEqual(["1 s", "59 s", "1 min", "1 h 5 min"]);
    expect([999, 1500, 2_000_000_000].map(sizeInWords)).toEqual(["999 bytes", "1.5 KB", "2.0 GB"]);
  });
});

describe("waveform", () => {
  it("keeps the loudest of each stretch and who speaks there", () => {
    const bars = barsOf([-1, 1, -100, 90, 0, 0, -2, 2], 2, 4, [{ start: 2, end: 4, speaker: "B" }]);
    expect(bars.map(({ speaker }) => speaker)).toEqual([null, "B"]);
    expect(bars[0]?.height).toBe(1);
    expect(bars[1]?.height).toBeLessThan(0.1);
  });

  it("knows nobody in a recording without length", () => {
    expect(speakersAt([{ start: 0, end: 1, speaker: "A" }], 2, 0)).toEqual([null, null]);
  });
});
