import { useEffect, useId, useRef, useState } from "react";
import type { SpeakerHints } from "../api/transcripts";
import { Button } from "./ui/Button";

interface SpeakerSliderProps {
  count: number;
  isBusy: boolean;
  onChange: (hints: SpeakerHints) => void;
}

const SETTLED_MS = 350;
const FEWEST_ON_SCALE = 8;

/** "How many speakers?": they are told apart anew as soon as the slider rests. */
export function SpeakerSlider({ count, isBusy, onChange }: SpeakerSliderProps) {
  const id = useId();
  const [wanted, setWanted] = useState(count);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => {
    setWanted(count);
  }, [count, isBusy]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );
  const choose = (next: number): void => {
    setWanted(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      onChange({ num_speakers: next });
    }, SETTLED_MS);
  };
  return (
    <div className="slider">
      <p>
        <label htmlFor={id}>How many speakers?</label>
        <output htmlFor={id}>{wanted}</output>
      </p>
      <input
        id={id}
        type="range"
        min={1}
        max={Math.max(FEWEST_ON_SCALE, count + 2)}
        value={wanted}
        onChange={(event) => {
          choose(event.target.valueAsNumber);
        }}
      />
      <p className="hint">
        {isBusy ? "Telling them apart…" : "Names and corrections stay."}
        <Button
          look="quiet"
          disabled={isBusy}
          onClick={() => {
            onChange({});
          }}
        >
          Auto
        </Button>
      </p>
    </div>
  );
}
