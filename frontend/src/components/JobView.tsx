import { useEffect, useState } from "react";
import { messageOf } from "../api/client";
import type { Job } from "../api/jobs";
import { audioUrl, type EditState } from "../api/transcripts";
import { isActive, useJob } from "../hooks/useJobs";
import { usePlayer } from "../hooks/usePlayer";
import { useReader } from "../hooks/useReader";
import { useEdits, useOutline, useShownState, useTranscript } from "../hooks/useTranscript";
import { clock, whenInWords } from "../lib/time";
import { languageName } from "../lib/languages";
import { useReaderActs } from "../hooks/useReaderActs";
import { Header } from "./Header";
import { JobDialogs, type Asked } from "./JobDialogs";
import { stateInWords } from "./JobRow";
import { Reader } from "./Reader";
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

function Editable({ job, state: kept }: { job: Job; state: EditState }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const player = usePlayer(audioUrl(job.id));
  const outline = useOutline(job.id);
  const state = useShownState(kept, useEdits(job.id));
  const { transcript } = state;
  const reader = useReader(transcript);
  const { acts, edits, drafts } = useReaderActs(job.id, reader, {
    name: (speaker) => {
      setAsked({ what: "speaker", speaker });
    },
    whose: (question) => {
      setAsked({ what: "whose", question });
    },
  });
  const ask = (what: "job" | "share" | "export") => (): void => {
    setAsked({ what });
  };
  useEffect(() => {
    document.title = `${job.name} – Quoth`;
  }, [job.name]);
  return (
    <>
      <Header>
        <div className="tools">
          <IconButton icon="undo" label="Undo" disabled={!state.can_undo} onClick={acts.undo} />
          <IconButton icon="redo" label="Redo" disabled={!state.can_redo} onClick={acts.redo} />
          <IconButton icon="search" label="Search" onClick={() => { reader.search.open(false); }} />
          <Button icon="link" onClick={ask("share")}>
            <span>Share</span>
          </Button>
          <Button icon="download" onClick={ask("export")}>
            <span>Export</span>
          </Button>
        </div>
      </Header>
      <Reader
        {...reader}
        {...{ transcript, player, drafts, acts }}
        outline={outline.data}
        hasAudio={job.has_audio}
        isTellingApart={edits.isTellingApart}
        onTakeAway={ask("export")}
      >
        <Title job={job} state={state} onRename={ask("job")} />
      </Reader>
      <JobDialogs
        {...{ asked, job, state, acts }}
        speakers={reader.speakers}
        onClose={() => {
          setAsked(null);
        }}
      />
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
