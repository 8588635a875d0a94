import { useId, useState } from "react";
import type { Question } from "../hooks/useReaderActs";
import type { SpeakerLook } from "../lib/speakers";
import { Button } from "./ui/Button";
import { Dialog } from "./ui/Dialog";

interface WhoseDialogProps {
  question: Question;
  speakers: ReadonlyMap<string, SpeakerLook>;
  /** Null for somebody new, who may have a name. */
  onPick: (speaker: string | null, name: string) => void;
  onClose: () => void;
}

/** Who says some words: somebody who is there, by click or number, or somebody new. */
export function WhoseDialog({ question, speakers, onPick, onClose }: WhoseDialogProps) {
  const id = useId();
  const [name, setName] = useState("");
  const all = [...speakers.values()];
  const pick = (speaker: string | null): void => {
    onPick(speaker, speaker === null ? name.trim() : "");
    onClose();
  };
  return (
    <Dialog title={question.title} onClose={onClose}>
      <p className="quote">{question.quote}</p>
      <ol
        className="whose"
        onKeyDown={(event) => {
          const speaker = all[Number(event.key) - 1];
          if (speaker) pick(speaker.id);
        }}
      >
        {all.map((speaker, place) => (
          <li key={speaker.id}>
            <Button
              data-first={place === 0 || undefined}
              onClick={() => {
                pick(speaker.id);
              }}
            >
              <span className={`swatch s${speaker.color}`} />
              <span className="whose-name">{speaker.name}</span>
              {place < 9 && <kbd>{place + 1}</kbd>}
            </Button>
          </li>
        ))}
      </ol>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          pick(null);
        }}
      >
        <label htmlFor={id}>Somebody new</label>
        <div className="field-and-button">
          <input
            id={id}
            value={name}
            maxLength={200}
            autoComplete="off"
            placeholder="Name, if you know it"
            onChange={(event) => {
              setName(event.target.value);
            }}
          />
          <Button type="submit">Somebody new</Button>
        </div>
      </form>
    </Dialog>
  );
}
