import { useEffect, useState } from "react";
import { messageOf } from "../api/client";
import type { Job } from "../api/jobs";
import { audioUrl, type EditState } from "../api/transcripts";
import { useJobActions } from "../hooks/useJobActions";
import { isActive, useJob } from "../hooks/useJobs";
import { usePlayer } from "../hooks/usePlayer";
import { useReader } from "../hooks/useReader";
import { useOutline, useTranscript, type useEdits } from "../hooks/useTranscript";
import { clock, whenInWords } from "../lib/time";
import { languageName } from "../lib/languages";
import { useReaderActs } from "../hooks/useReaderActs";
import type { SpeakerLook } from "../lib/speakers";
import { ExportMenu } from "./ExportMenu";
import { Header } from "./Header";
import { stateInWords } from "./JobRow";
import { NameDialog } from "./NameDialog";
import { Reader } from "./Reader";
import { ShareDialog } from "./ShareDialog";
import { Button, IconButton } from "./ui/Button";
import { Progress } from "./ui/Progress";

export function JobView({ id }: { id: string }) {
  const job = useJob(id);
  if (job.isError) return <Trouble message={messageOf(job.error)} />;
  if (!job.data) return <Header />;
  if (job.data.status !== "completed") return <Unfinished job={job.data} />;
  return <Finished job={job.data} />;
}

function Finished({ job }: { job: Job }) {
  const state = useTranscript(job.id);
  if (state.isError && !state.data) return <Trouble message={messageOf(state.error)} />;
  if (!state.data) return <Header />;
  return <Editable job={job} state={state.data} />;
}

type Asked = { what: "speaker"; speaker: SpeakerLook } | { what: "job" } | { what: "share" } | null;

function Editable({ job, state }: { job: Job; state: EditState }) {
  const { transcript } = state;
  const [asked, setAsked] = useState<Asked>(null);
  const { rename } = useJobActions();
  const player = usePlayer(audioUrl(job.id));
  const outline = useOutline(job.id);
  const reader = useReader(transcript);
  const { acts, edits, drafts } = useReaderActs(job.id, reader, (speaker) => {
    setAsked({ what: "speaker", speaker });
  });
  useEffect(() => {
    document.title = `${job.name} – Quoth`;
  }, [job.name]);
  const close = (): void => {
    setAsked(null);
  };
  return (
    <>
      <Header>
        <div className="tools">
          <UndoRedo state={state} edits={edits} />
          <IconButton icon="search" label="Search" onClick={reader.search.open} />
          <Button icon="link" onClick={() => { setAsked({ what: "share" }); }}>
            <span>Share</span>
          </Button>
          <ExportMenu
            jobId={job.id}
            paragraphs={reader.paragraphs}
            speakers={reader.speakers}
            separator={reader.separator}
          />
        </div>
      </Header>
      <Reader
        {...reader}
        {...{ transcript, player, drafts, acts }}
        outline={outline.data}
        hasAudio={job.has_audio}
        isTellingApart={edits.isTellingApart}
      >
        <Title job={job} state={state} onRename={() => { setAsked({ what: "job" }); }} />
      </Reader>
      {asked?.what === "speaker" && (
        <NameDialog
          title="Rename the speaker"
          name={asked.speaker.name}
          hint="Everywhere in this transcript. Blank gives the old name back."
          onClose={close}
          onSave={(name) => {
            edits.edit({ kind: "rename_speaker", speaker: asked.speaker.id, name }).catch(() => undefined);
          }}
        />
      )}
      {asked?.what === "job" && (
        <NameDialog
          title="Rename the recording"
          name={job.name}
          onClose={close}
          onSave={(name) => {
            rename(job, name);
          }}
        />
      )}
      {asked?.what === "share" && <ShareDialog jobId={job.id} onClose={close} />}
    </>
  );
}

function UndoRedo({ state, edits }: { state: EditState; edits: ReturnType<typeof useEdits> }) {
  return (
    <>
      <IconButton icon="undo" label="Undo" disabled={!state.can_undo} onClick={edits.undo} />
      <IconButton icon="redo" label="Redo" disabled={!state.can_redo} onClick={edits.redo} />
    </>
  );
}

function Title({ job, state, onRename }: { job: Job; state: EditState; onRename: () => void }) {
  const { transcript, unapplied } = state;
  const language = transcript.language && languageName(transcript.language);
  const facts = [clock(transcript.duration), language, whenInWords(job.created_at), transcript.model];
  return (
    <div className="title">
      <div className="title-line">
        <h1>{job.name}</h1>
        <IconButton icon="pencil" label="Rename the recording" onClick={onRename} />
      </div>
      <p className="hint">{facts.filter(Boolean).join(" · ")}</p>
      {transcript.warnings.map((warning) => (
        <p key={warning} className="warning">
          {warning}
        </p>
      ))}
      {unapplied.length > 0 && (
        <details className="warning">
          <summary>
            {unapplied.length === 1 ? "One change waits" : `${unapplied.length} changes wait`} until the
            speakers are told apart as before
          </summary>
          <ul>
            {unapplied.map(({ reason }, place) => (
              <li key={place}>{reason}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Unfinished({ job }: { job: Job }) {
  return (
    <>
      <Header />
      <main className="home trouble">
        <h1>{job.name}</h1>
        <p>{stateInWords(job)}</p>
        {isActive(job) && <Progress label={`Progress of ${job.name}`} fraction={job.fraction} />}
        <a href="#/">To all recordings</a>
      </main>
    </>
  );
}

export function Trouble({ message }: { message: string }) {
  return (
    <>
      <Header />
      <main className="home trouble" role="alert">
        <h1>Not here</h1>
        <p>{message}</p>
        <a href="#/">To all recordings</a>
      </main>
    </>
  );
}
