import { useEffect, useRef } from "react";
import { useLiveText } from "../hooks/useLiveText";

/** What is being said: black is settled, grey may still change. */
export function LiveText() {
  const { status, utterances, error } = useLiveText();
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    end.current?.scrollIntoView({ block: "nearest" });
  }, [utterances]);
  if (status === "off") return null;
  return (
    <div className="live">
      <div className="live-text" role="log" aria-label="What is being said" tabIndex={0}>
        {utterances.length === 0 && <p className="hint">{status === "connecting" ? "Connecting…" : "Speak: the text comes here."}</p>}
        {utterances.map(({ item, settled, guess }) => (
          <p key={item} dir="auto">
            {settled} {guess && <span className="guess">{guess}</span>}
          </p>
        ))}
        <div ref={end} />
      </div>
      {error && (
        <p className="warning" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
