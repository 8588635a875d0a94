import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { guides } from "./scripts/guides.mjs";

/** The server that `npm run dev` asks for everything but the page. */
const API = process.env.QUOTH_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), guides()],
  base: "./",
  build: {
    outDir: "../quoth/web",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  server: {
    proxy: {
      "/v1": { target: API, changeOrigin: true, headers: { origin: API } },
      "/health": API,
    },
  },
  test: {
    environment: "jsdom",
    globals: true,
    testTimeout: 40_000,
    setupFiles: ["src/test/setup.ts"],
    environmentOptions: { jsdom: { url: "http://localhost:8000/" } },
  },
});
