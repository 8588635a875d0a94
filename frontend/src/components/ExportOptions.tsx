import { useId } from "react";
import { LONGEST_LINE, SHORTEST_LINE, USUAL_LINE, type Format, type Look } from "../lib/formats";
import { Switch } from "./ui/Switch";

/** What a person wants, whatever the format can do of it. */
export interface Wishes {
  times: boolean | null;
  speakers: boolean;
  lineLength: number | null;
  isOriginal: boolean;
}

export const USUAL_WISHES: Wishes = { times: null, speakers: true, lineLength: null, isOriginal: false };

/** What is asked of the server: only what means something in the format. */
export function lookOf(format: Format, { times, speakers, lineLength, isOriginal }: Wishes): Look {
  return {
    format: format.name,
    ...(format.times === null ? {} : { times: times ?? format.times }),
    ...(format.speakers && !speakers ? { speakers: false } : {}),
    ...(format.hasLineLength && lineLength !== null ? { line_length: lineLength } : {}),
    ...(isOriginal ? { edited: false } : {}),
  };
}

interface ExportOptionsProps {
  format: Format;
  wishes: Wishes;
  canBeOriginal: boolean;
  onChange: (wishes: Wishes) => void;
}

export function ExportOptions({ format, wishes, canBeOriginal, onChange }: ExportOptionsProps) {
  const set = (changes: Partial<Wishes>): void => {
    onChange({ ...wishes, ...changes });
  };
  return (
    <div className="export-options">
      {format.speakers && (
        <Option
          label={format.speakers}
          isOn={wishes.speakers}
          onChange={(speakers) => {
            set({ speakers });
          }}
        />
      )}
      {format.times !== null && (
        <Option
          label="Times"
          isOn={wishes.times ?? format.times}
          onChange={(times) => {
            set({ times });
          }}
        />
      )}
      {format.hasLineLength && (
        <LineLength
          value={wishes.lineLength}
          onChange={(lineLength) => {
            set({ lineLength });
          }}
        />
      )}
      {canBeOriginal && (
        <Option
          label="As the machine heard it"
          isOn={wishes.isOriginal}
          onChange={(isOriginal) => {
            set({ isOriginal });
          }}
        />
      )}
    </div>
  );
}

function Option({ label, isOn, onChange }: { label: string; isOn: boolean; onChange: (isOn: boolean) => void }) {
  const id = useId();
  return (
    <div className="option">
      <label htmlFor={id}>{label}</label>
      <Switch id={id} isOn={isOn} onChange={onChange} />
    </div>
  );
}

function LineLength({ value, onChange }: { value: number | null; onChange: (value: number | null) => void }) {
  const id = useId();
  return (
    <div className="option">
      <label htmlFor={id}>Letters in a line</label>
      <input
        id={id}
        type="number"
        inputMode="numeric"
        min={SHORTEST_LINE}
        max={LONGEST_LINE}
        placeholder={`${USUAL_LINE}`}
        defaultValue={value ?? ""}
        onChange={(event) => {
          const length = event.target.valueAsNumber;
          if (Number.isNaN(length)) onChange(null);
          else if (length >= SHORTEST_LINE && length <= LONGEST_LINE) onChange(length);
        }}
      />
    </div>
  );
}
