import { useRef } from "react";
import { Button } from "./ui/Button";

interface DropZoneProps {
  isOver: boolean;
  isSmall: boolean;
  onFiles: (files: File[]) => void;
}

const PLAYABLE = "audio/*,video/*,.mka,.mkv,.opus,.amr,.caf,.wma,.m4b";

export function DropZone({ isOver, isSmall, onFiles }: DropZoneProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <section className="drop" data-over={isOver || undefined} data-small={isSmall || undefined}>
      <h1>{isOver ? "Let go." : isSmall ? "Another one?" : "Who said what?"}</h1>
      <p>
        Drop recordings anywhere on this page, audio or video. They stay on this server.
      </p>
      <Button look={isSmall ? "plain" : "primary"} icon="upload" onClick={() => input.current?.click()}>
        Choose files
      </Button>
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
