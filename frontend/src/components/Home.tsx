import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { showJob } from "../hooks/useJobs";
import { abilities, useModels } from "../hooks/useServer";
import { useSettings } from "../hooks/useSettings";
import { uploads, useUploads } from "../hooks/useUploads";
import { hindrance } from "../lib/microphone";
import { formOf } from "../lib/options";
import { DropZone } from "./DropZone";
import { Header } from "./Header";
import { HealthCorner } from "./HealthCorner";
import { JobList } from "./JobList";
import { SettingsPanel } from "./SettingsPanel";
import { Button } from "./ui/Button";
import { later } from "./ui/later";
import { UploadList } from "./UploadList";

const RecorderPanel = later(async () => (await import("./RecorderPanel")).RecorderPanel);
const KeptRecordings = later(async () => (await import("./KeptRecordings")).KeptRecordings);

export function Home({ isOver }: { isOver: boolean }) {
  const [recording, setRecording] = useState<"no" | "sound" | "live">("no");
  const queries = useQueryClient();
  const items = useUploads();
  const { data: models = [] } = useModels();
  const [{ options }, change] = useSettings();
  const can = abilities(models, options.model);
  const undecided = items.filter((item) => item.form === null && item.sizeBytes > 0);
  const add = (files: File[]): void => {
    uploads.add(files);
  };
  useEffect(() => {
    uploads.onJob = (job) => {
      showJob(queries, job);
    };
  }, [queries]);
  const count = undecided.length;
  return (
    <>
      <Header />
      <main className="home">
        {recording !== "no" ? (
          <RecorderPanel
            form={recording === "live" ? formOf(options, can) : null}
            onClose={() => {
              setRecording("no");
            }}
          />
        ) : (
          <DropZone
            isOver={isOver}
            isSmall={items.length > 0}
            onFiles={add}
            onRecord={(isLive) => {
              setRecording(isLive ? "live" : "sound");
            }}
          />
        )}
        {!hindrance() && <KeptRecordings />}
        {items.length > 0 && <UploadList items={items} />}
        <SettingsPanel
          options={options}
          can={can}
          onChange={(changes) => {
            change({ options: { ...options, ...changes } });
          }}
        />
        {count > 0 && (
          <Button
            look="primary"
            className="go"
            onClick={() => {
              uploads.submit(formOf(options, can));
            }}
          >
            {count === 1 ? "Transcribe it" : `Transcribe all ${count}`}
          </Button>
        )}
        <JobList />
      </main>
      <footer>
        <HealthCorner />
      </footer>
    </>
  );
}
