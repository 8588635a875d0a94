import { useRef } from "react";
import { hindrance, type Hindrance } from "../lib/microphone";
import { addressOf } from "../lib/route";
import { Button } from "./ui/Button";

interface DropZoneProps {
  isOver: boolean;
  isSmall: boolean;
  onFiles: (files: File[]) => void;
  /** With the text while one speaks, or without. */
  onRecord: (isLive: boolean) => void;
}

const PLAYABLE = "audio/*,video/*,.mka,.mkv,.opus,.amr,.caf,.wma,.m4b";

export function DropZone({ isOver, isSmall, onFiles, onRecord }: DropZoneProps) {
  const input = useRef<HTMLInputElement>(null);
  const noMicrophone = hindrance();
  return (
    <section className="drop" data-over={isOver || undefined} data-small={isSmall || undefined}>
      <h1>{isOver ? "Let go." : isSmall ? "Another one?" : "Who said what?"}</h1>
      <p>
        Drop recordings anywhere on this page, audio or video. They stay on this server.
      </p>
      <div className="drop-actions">
        <Button look={isSmall ? "plain" : "primary"} icon="upload" onClick={() => input.current?.click()}>
          Choose files
        </Button>
        {!noMicrophone && (
          <>
            <Button icon="microphone" onClick={() => { onRecord(false); }}>
              Record
            </Button>
            <Button icon="live" title="The text comes while you speak" onClick={() => { onRecord(true); }}>
              Live text
            </Button>
          </>
        )}
      </div>
      {noMicrophone && <NoMicrophone why={noMicrophone} />}
      <input
        ref={input}
        className="visually-hidden"
        tabIndex={-1}
        type="file"
        aria-label="Recordings"
        accept={PLAYABLE}
        multiple
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = ""; // the same file can be chosen again
        }}
      />
    </section>
  );
}

function NoMicrophone({ why }: { why: Hindrance }) {
  return (
    <p className="no-microphone">
      {why === "browser" ? (
        "This browser cannot record. Record with another program, and drop the file here."
      ) : (
        <>
          Browsers give the microphone only to pages that come over https.{" "}
          <a href={addressOf({ view: "help", topic: "https" })}>How to have it here</a>
        </>
      )}
    </p>
  );
}
