import { useCallback, useEffect } from "react";
import { Home } from "./components/Home";
import { JobView } from "./components/JobView";
import { Notices } from "./components/Notices";
import { SharedView } from "./components/SharedView";
import { useDrop } from "./hooks/useDrop";
import { useJobEvents } from "./hooks/useJobs";
import { goTo, useRoute } from "./hooks/useRoute";
import { uploads } from "./hooks/useUploads";

export function App() {
  const route = useRoute();
  return (
    <>
      {route.view === "share" ? <SharedView key={route.token} token={route.token} /> : <Own />}
      <Notices />
    </>
  );
}

/** The pages of whoever owns the recordings. */
function Own() {
  const route = useRoute();
  useJobEvents();
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
  return <Home isOver={isOver} />;
}
