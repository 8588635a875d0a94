/** What is asked in front of a transcript; each part comes when it is asked for. */
import type { Job } from "../api/jobs";
import type { EditState } from "../api/transcripts";
import { useJobActions } from "../hooks/useJobActions";
import type { Question, ReaderActs } from "../hooks/useReaderActs";
import type { SpeakerLook } from "../lib/speakers";
import { NameDialog } from "./NameDialog";
import { later } from "./ui/later";

const ExportDialog = later(async () => (await import("./ExportDialog")).ExportDialog);
const ShareDialog = later(async () => (await import("./ShareDialog")).ShareDialog);
const WhoseDialog = later(async () => (await import("./WhoseDialog")).WhoseDialog);

export type Asked =
  | { what: "speaker"; speaker: SpeakerLook }
  | { what: "whose"; question: Question }
  | { what: "job" | "share" | "export" };

interface JobDialogsProps {
  asked: Asked | null;
  job: Job;
  state: EditState;
  speakers: ReadonlyMap<string, SpeakerLook>;
  acts: ReaderActs;
  onClose: () => void;
}

export function JobDialogs({ asked, job, state, speakers, acts, onClose }: JobDialogsProps) {
  const { rename } = useJobActions();
  switch (asked?.what) {
    case undefined:
      return null;
    case "speaker":
      return (
        <NameDialog
          title="Rename the speaker"
          name={asked.speaker.name}
          hint="Everywhere in this transcript. Blank gives the old name back."
          onClose={onClose}
          onSave={(name) => {
            acts.rename(asked.speaker, name);
          }}
        />
      );
    case "whose":
      return (
        <WhoseDialog
          question={asked.question}
          speakers={speakers}
          onClose={onClose}
          onPick={(speaker, name) => {
            const stretch = asked.question.stretch();
            if (stretch) acts.reassign(stretch, speaker, name);
          }}
        />
      );
    case "job":
      return (
        <NameDialog
          title="Rename the recording"
          name={job.name}
          onClose={onClose}
          onSave={(name) => {
            rename(job, name);
          }}
        />
      );
    case "share":
      return <ShareDialog jobId={job.id} onClose={onClose} />;
    case "export":
      return (
        <ExportDialog jobId={job.id} etag={state.etag} canBeOriginal={state.can_undo} onClose={onClose} />
      );
  }
}
