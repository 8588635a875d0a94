import { useEffect } from "react";
import { Header } from "./Header";
import { KeyList } from "./keys/KeyList";

export function KeysView() {
  useEffect(() => {
    document.title = "API keys – Quoth";
  }, []);
  return (
    <>
      <Header />
      <main className="home keys-view">
        <KeyList />
        <a href="#/">To all recordings</a>
      </main>
    </>
  );
}
