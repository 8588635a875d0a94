import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/source-serif-4/opsz.css";
import "@fontsource-variable/source-serif-4/wght-italic.css";
import "./styles/tokens.css";
import "./styles/page.css";
import "./styles/home.css";
import "./styles/transcript.css";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { connection, isUnreachable } from "./hooks/useConnection";
import { settings } from "./hooks/useSettings";

settings.applyTheme();

const queries = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (!isUnreachable(error)) return;
      connection.lost();
      void connection.back().then(() => queries.invalidateQueries());
    },
  }),
  defaultOptions: { queries: { retry: 1, staleTime: 2000 }, mutations: { retry: false } },
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
}
