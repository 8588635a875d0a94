import { messageOf } from "../api/client";
import { sharedAudioUrl, type SharedJob } from "../api/shares";
import type { Outline, Transcript } from "../api/transcripts";
import { usePlayer } from "../hooks/usePlayer";
import { useReader } from "../hooks/useReader";
import { useShared } from "../hooks/useShares";
import { clock } from "../lib/time";
import { Header } from "./Header";
import { Trouble } from "./JobView";
import { Reader } from "./Reader";
import { IconButton } from "./ui/Button";

const NO_DRAFTS: ReadonlyMap<number, string> = new Map();

/** What whoever holds a link sees: to read and to listen. */
export function SharedView({ token }: { token: string }) {
  const { job, transcript, outline } = useShared(token);
  const error = job.error ?? transcript.error;
  if (error) return <Trouble message={messageOf(error)} />;
  if (!job.data || !transcript.data) return <Header />;
  return <Shared {...{ token }} job={job.data} transcript={transcript.data} outline={outline.data} />;
}

interface SharedProps {
  token: string;
  job: SharedJob;
  transcript: Transcript;
  outline: Outline | undefined;
}

function Shared({ token, job, transcript, outline }: SharedProps) {
  const player = usePlayer(sharedAudioUrl(token));
  const reader = useReader(transcript);
  return (
    <>
      <Header>
        <div className="tools">
          <IconButton icon="search" label="Search" onClick={() => { reader.search.open(false); }} />
        </div>
      </Header>
      <Reader
        {...reader}
        {...{ transcript, player, outline }}
        hasAudio={job.has_audio}
        drafts={NO_DRAFTS}
        isTellingApart={false}
        acts={null}
      >
        <div className="title">
          <h1>{job.name}</h1>
          <p className="hint">{clock(transcript.duration)} · shared with you to read</p>
        </div>
      </Reader>
    </>
  );
}
