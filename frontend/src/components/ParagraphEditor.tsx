import { useEffect, useLayoutEffect, useRef } from "react";
import type { Paragraph } from "../lib/paragraphs";
import { keyShown } from "../lib/keys";
import { clock } from "../lib/time";
import type { ParagraphActs } from "./paragraphActs";
import { Button } from "./ui/Button";

interface ParagraphEditorProps {
  paragraph: Paragraph;
  text: string;
  draft: string;
  acts: ParagraphActs;
}

export function ParagraphEditor({ paragraph, text, draft, acts }: ParagraphEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    area.current?.focus({ preventScroll: true });
  }, []);
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [draft]);
  const cancel = (): void => {
    acts.draft(paragraph, null);
  };
  const save = (): void => {
    if (draft.trim() === text) cancel();
    else acts.correct(paragraph, draft.trim());
  };
  const split = (): void => {
    acts.split(paragraph, draft, area.current?.selectionStart ?? 0);
  };
  return (
    <div className="editor">
      <textarea
        ref={area}
        className="words"
        aria-label={`Text of the paragraph at ${clock(paragraph.start)}`}
        value={draft}
        rows={1}
        dir="auto"
        onChange={(event) => {
          acts.draft(paragraph, event.target.value.replace(/\n+/g, " "));
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") cancel();
          if (event.key === "Enter" && !event.nativeEvent.isComposing) {
            event.preventDefault();
            if (event.ctrlKey || event.metaKey) split();
            else save();
          }
        }}
      />
      <div className="editor-actions">
        <Button look="primary" onClick={save}>
          {draft.trim() ? "Save" : "Remove the paragraph"}
        </Button>
        <Button
          onMouseDown={(event) => {
            event.preventDefault(); // the cursor stays where it is
          }}
          onClick={split}
        >
          Split here
        </Button>
        <Button look="quiet" onClick={cancel}>
          Cancel
        </Button>
        <span className="hint">{keyShown("Mod+Enter")} splits at the cursor</span>
      </div>
    </div>
  );
}
