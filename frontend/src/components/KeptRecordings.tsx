import { useState } from "react";
import { shelf, useKeptRecordings } from "../hooks/useKeptRecordings";
import type { KeptRecording } from "../lib/recordingStore";
import { clock, lengthInWords, sizeInWords, whenInWords } from "../lib/time";
import { Button } from "./ui/Button";
import { Dialog } from "./ui/Dialog";

/** Recordings that were cut short by a reload or a crash: nothing of them is lost. */
export function KeptRecordings() {
  const kept = useKeptRecordings();
  const [leaving, setLeaving] = useState<KeptRecording | null>(null);
  if (kept.length === 0) return null;
  const send = async (recording: KeptRecording): Promise<void> => {
    shelf.send(recording.id, await shelf.open(recording));
  };
  return (
    <section aria-labelledby="kept">
      <h2 id="kept">Recorded here and not sent yet</h2>
      <ul className="uploads">
        {kept.map((recording) => (
          <li key={recording.id} className="row">
            <div className="row-main">
              <p className="row-name">Recorded {whenInWords(recording.startedAt / 1000)}</p>
              <p className="row-note">
                {clock(recording.seconds)} · {sizeInWords(recording.sizeBytes)} · kept in this browser
              </p>
            </div>
            <div className="row-actions">
              <Button icon="upload" onClick={() => void send(recording)}>
                Send
              </Button>
              <Button look="danger" onClick={() => { setLeaving(recording); }}>
                Delete
              </Button>
            </div>
          </li>
        ))}
      </ul>
      {leaving && (
        <Dialog title="Delete the recording?" onClose={() => { setLeaving(null); }}>
          <p>It is in this browser alone ({lengthInWords(leaving.seconds)}). There is no way back.</p>
          <div className="dialog-actions">
            <Button look="quiet" data-first onClick={() => { setLeaving(null); }}>
              Keep it
            </Button>
            <Button
              look="danger"
              onClick={() => {
                void shelf.remove(leaving.id);
                setLeaving(null);
              }}
            >
              Delete
            </Button>
          </div>
        </Dialog>
      )}
    </section>
  );
}
