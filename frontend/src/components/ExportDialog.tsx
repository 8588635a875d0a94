import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { messageOf } from "../api/client";
import { exportText, exportUrl } from "../api/transcripts";
import { notices } from "../hooks/useNotices";
import { copyText } from "../lib/clipboard";
import { FORMATS, type Format, type Look } from "../lib/formats";
import { ExportOptions, lookOf, USUAL_WISHES, type Wishes } from "./ExportOptions";
import { Button } from "./ui/Button";
import { Dialog } from "./ui/Dialog";

interface ExportDialogProps {
  jobId: string;
  /** Changes with the transcript. */
  etag: string;
  canBeOriginal: boolean;
  onClose: () => void;
}

/** As much as one looks at before taking the whole. */
const PREVIEW_LETTERS = 6000;

/** Taking a transcript away: as what, how, and how that looks. */
export function ExportDialog({ jobId, etag, canBeOriginal, onClose }: ExportDialogProps) {
  const [name, setName] = useState("docx");
  const [wishes, setWishes] = useState<Wishes>(USUAL_WISHES);
  const format = FORMATS.find((one) => one.name === name) ?? (FORMATS[0] as Format);
  const look = lookOf(format, wishes);
  const text = useExport(jobId, etag, { ...look, format: format.previewedAs ?? format.name });
  const group = useId();
  const copy = async (): Promise<void> => {
    const copied = text.data !== undefined && (await copyText(text.data));
    notices.show(copied ? "The text is copied." : "This browser does not let pages copy: mark the text and copy it by key.");
  };
  return (
    <Dialog title="Take it away" isWide onClose={onClose}>
      <div className="export">
        <fieldset className="formats">
          <legend className="visually-hidden">Format</legend>
          {FORMATS.map((one, place) => (
            <label key={one.name}>
              <input
                type="radio"
                name={group}
                data-first={place === 0 || undefined}
                checked={one === format}
                onChange={() => {
                  setName(one.name);
                }}
              />
              <span>
                {one.label} <small>{one.name}</small>
              </span>
            </label>
          ))}
        </fieldset>
        <div className="export-main">
          <ExportOptions {...{ format, wishes, canBeOriginal }} onChange={setWishes} />
          <pre className="preview" tabIndex={0} aria-label="Preview" aria-busy={text.isFetching}>
            {text.isError ? messageOf(text.error) : shortened(text.data ?? "")}
          </pre>
          <div className="dialog-actions">
            <Button icon="copy" disabled={text.data === undefined} onClick={() => void copy()}>
              {format.previewedAs ? "Copy as text" : "Copy"}
            </Button>
            <a className="button primary" href={exportUrl(jobId, look)} download>
              Download {format.name}
            </a>
          </div>
        </div>
      </div>
    </Dialog>
  );
}

function useExport(jobId: string, etag: string, look: Look) {
  return useQuery({
    queryKey: ["export", jobId, etag, look],
    queryFn: () => exportText(jobId, look),
    placeholderData: (before) => before,
    staleTime: Infinity,
    gcTime: 60_000,
  });
}

function shortened(text: string): string {
  return text.length > PREVIEW_LETTERS ? `${text.slice(0, PREVIEW_LETTERS)}\n…` : text;
}
