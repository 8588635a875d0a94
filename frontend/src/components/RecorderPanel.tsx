import { useEffect, useRef, useState } from "react";
import type { JobForm } from "../api/jobs";
import { liveText, useLiveText } from "../hooks/useLiveText";
import { recorder, useRecorder } from "../hooks/useRecorder";
import { clock, lengthInWords } from "../lib/time";
import { LiveText } from "./LiveText";
import { Button } from "./ui/Button";
import { Dialog } from "./ui/Dialog";

/** After so long without a sound one wonders. */
const SILENCE_MS = 5000;
const SILENT = 0.08;

/** Recording from the microphone, and what became of it. */
interface RecorderPanelProps {
  /** How it is to be transcribed, if the text is wanted while one speaks; null for later. */
  form: JobForm | null;
  onClose: () => void;
}

export function RecorderPanel({ form, onClose }: RecorderPanelProps) {
  const { status, seconds, error, warning } = useRecorder();
  const { utterances } = useLiveText();
  const [isLeaving, setIsLeaving] = useState(false);
  const wasBusy = useRef(false);
  const start = useRef(() => recorder.start(form)); // which does nothing while it is under way
  useEffect(() => {
    void start.current();
  }, []);
  const hasText = form !== null && utterances.length > 0;
  useEffect(() => {
    const isBusy = status !== "idle";
    if (wasBusy.current && !isBusy && !error && !hasText) onClose();
    wasBusy.current = isBusy;
  }, [status, error, hasText, onClose]);
  const isUnderWay = status === "recording" || status === "paused";
  if (error) {
    return (
      <section className="drop recorder" aria-label="Recorder" role="alert">
        <p>{error}</p>
        <div className="drop-actions">
          <Button look="primary" icon="retry" onClick={() => void start.current()}>
            Try again
          </Button>
          <Button onClick={onClose}>Not now</Button>
        </div>
      </section>
    );
  }
  if (status === "idle" && hasText) {
    return (
      <section className="drop recorder" aria-label="Recorder">
        <LiveText />
        <p>Now it is transcribed once more, as a whole and with who said what: see below.</p>
        <Button
          look="primary"
          onClick={() => {
            liveText.stop();
            onClose();
          }}
        >
          Close
        </Button>
      </section>
    );
  }
  return (
    <section className="drop recorder" aria-label="Recorder" data-status={status}>
      <h1 className="recorder-time" role="timer">
        {clock(seconds)}
      </h1>
      {isUnderWay ? <Level isPaused={status === "paused"} /> : <p>{WORDS[status] ?? ""}</p>}
      <LiveText />
      {warning && (
        <p className="warning" role="alert">
          {warning}
        </p>
      )}
      {isUnderWay && (
        <div className="drop-actions">
          <Button look="primary" icon="stop" onClick={() => { recorder.stop(); }}>
            Stop
          </Button>
          {status === "recording" ? (
            <Button icon="pause" onClick={() => { recorder.pause(); }}>
              Pause
            </Button>
          ) : (
            <Button icon="microphone" onClick={() => { recorder.goOn(); }}>
              Go on
            </Button>
          )}
          <Button look="danger" onClick={() => { setIsLeaving(true); }}>
            Cancel
          </Button>
        </div>
      )}
      {isLeaving && (
        <Dialog title="Throw it away?" onClose={() => { setIsLeaving(false); }}>
          <p>What was recorded ({lengthInWords(seconds)}) would be gone. There is no way back.</p>
          <div className="dialog-actions">
            <Button look="quiet" data-first onClick={() => { setIsLeaving(false); }}>
              Keep recording
            </Button>
            <Button
              look="danger"
              onClick={() => {
                setIsLeaving(false);
                recorder.throwAway();
              }}
            >
              Throw it away
            </Button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

const WORDS: Partial<Record<ReturnType<typeof recorder.get>["status"], string>> = {
  asking: "Your browser asks whether this page may hear you.",
  saving: "A moment: it is being put together.",
};

/** How loud it is, drawn outside React; and a word if nothing is heard for long. */
function Level({ isPaused }: { isPaused: boolean }) {
  const bar = useRef<HTMLDivElement>(null);
  const [isSilent, setIsSilent] = useState(false);
  useEffect(() => {
    let heard = performance.now();
    setIsSilent(false);
    return recorder.onLevel((level) => {
      bar.current?.style.setProperty("--level", level.toFixed(3));
      if (level > SILENT) heard = performance.now();
      setIsSilent(performance.now() - heard > SILENCE_MS);
    });
  }, [isPaused]);
  const hint = isPaused ? "Paused" : isSilent ? "Nothing is heard. Is the microphone muted?" : "Recording";
  return (
    <>
      <div ref={bar} className="level" aria-hidden="true">
        <div />
      </div>
      <p role="status">{hint}</p>
    </>
  );
}
