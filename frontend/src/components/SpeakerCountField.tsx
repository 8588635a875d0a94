import { useId } from "react";
import type { Options, SpeakerCount } from "../lib/options";
import { MOST_SPEAKERS } from "./settingsFields";
import { Choice } from "./ui/Choice";

const WAYS: readonly { value: SpeakerCount; label: string }[] = [
  { value: "auto", label: "Auto" },
  { value: "exact", label: "Exact" },
  { value: "range", label: "Min–Max" },
];

interface SpeakerCountFieldProps {
  label: string;
  options: Options;
  onChange: (changes: Partial<Options>) => void;
}

export function SpeakerCountField({ label, options, onChange }: SpeakerCountFieldProps) {
  const { speakerCount, numSpeakers, minSpeakers, maxSpeakers } = options;
  return (
    <div className="field">
      <span className="field-label">{label}</span>
      <div className="speaker-count">
        <Choice
          label={label}
          value={speakerCount}
          choices={WAYS}
          onChange={(value) => {
            onChange({ speakerCount: value });
          }}
        />
        {speakerCount === "exact" && (
          <Count
            label="Speakers"
            value={numSpeakers}
            onChange={(count) => {
              onChange({ numSpeakers: count });
            }}
          />
        )}
        {speakerCount === "range" && (
          <>
            <Count
              label="Min"
              value={minSpeakers}
              onChange={(count) => {
                onChange({ minSpeakers: count, maxSpeakers: Math.max(count, maxSpeakers) });
              }}
            />
            <Count
              label="Max"
              value={maxSpeakers}
              onChange={(count) => {
                onChange({ maxSpeakers: count, minSpeakers: Math.min(count, minSpeakers) });
              }}
            />
          </>
        )}
      </div>
    </div>
  );
}

interface CountProps {
  label: string;
  value: number;
  onChange: (count: number) => void;
}

function Count({ label, value, onChange }: CountProps) {
  const id = useId();
  return (
    <span className="count">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="number"
        inputMode="numeric"
        min={1}
        max={MOST_SPEAKERS}
        value={value}
        onChange={(event) => {
          const count = event.target.valueAsNumber;
          if (Number.isInteger(count)) onChange(Math.min(MOST_SPEAKERS, Math.max(1, count)));
        }}
      />
    </span>
  );
}
