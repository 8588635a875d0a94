import { useCallback, useEffect } from "react";
import { Home } from "./components/Home";
import { loadTus } from "./api/uploads";
import { ConnectionBanner } from "./components/ConnectionBanner";
import { Notices } from "./components/Notices";
import { fetchTheRest, later } from "./components/ui/later";
import { useAccess, useFreshStart } from "./hooks/useAccess";
import { useDrop } from "./hooks/useDrop";
import { useJobEvents } from "./hooks/useJobs";
import { goTo, useRoute } from "./hooks/useRoute";
import { uploads } from "./hooks/useUploads";

const JobView = later(async () => (await import("./components/JobView")).JobView);
const SharedView = later(async () => (await import("./components/SharedView")).SharedView);
const KeysView = later(async () => (await import("./components/KeysView")).KeysView);
const SignInDialog = later(async () => (await import("./components/keys/SignInDialog")).SignInDialog);
const GuideView = later(async () => (await import("./components/GuideView")).GuideView);

export function App() {
  const route = useRoute();
  const { asked } = useAccess();
  useFreshStart();
  return (
    <>
      <ConnectionBanner />
      {route.view === "share" ? <SharedView key={route.token} token={route.token} /> : <Own />}
      {asked && <SignInDialog why={asked} />}
      <Notices />
    </>
  );
}

/** The pages of whoever owns the recordings. */
function Own() {
  const route = useRoute();
  useJobEvents();
  useEffect(() => {
    fetchTheRest(loadTus);
  }, []);
  const add = useCallback((files: File[]) => {
    uploads.add(files);
    goTo({ view: "home" });
  }, []);
  const isOver = useDrop(add);
  useEffect(() => {
    window.scrollTo(0, 0);
    if (route.view === "home") document.title = "Quoth";
  }, [route.view]);
  if (route.view === "job") return <JobView key={route.id} id={route.id} />;
  if (route.view === "keys") return <KeysView />;
  if (route.view === "help") return <GuideView />;
  return <Home isOver={isOver} />;
}
