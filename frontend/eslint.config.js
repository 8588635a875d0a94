import js from "@eslint/js";
import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";
import { importX } from "eslint-plugin-import-x";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** Who may import whom: each layer only those before it. `main.tsx` is on top. */
const LAYERS = ["lib", "api", "hooks", "components/ui", "components/keys", "components"];

/** `components` holds `components/ui` and `components/keys`, which are layers of their own. */
const filesOf = (layer) =>
  layer === "components" ? "./src/components/*.{ts,tsx}" : `./src/${layer}/**/*`;

const zones = LAYERS.map((layer, place) => ({
  target: filesOf(layer),
  from: [...LAYERS.slice(place + 1).map(filesOf), "./src/{App,main}.tsx"],
  message: `src/${layer} may import only what is below it: ${LAYERS.slice(0, place).join(", ") || "nothing of ours"}.`,
}));

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.ts"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "import-x": importX, "react-hooks": hooks },
    settings: { "import-x/resolver-next": [createTypeScriptImportResolver()] },
    rules: {
      ...hooks.configs.recommended.rules,
      "import-x/no-restricted-paths": ["error", { zones }],
      "import-x/no-cycle": "error",
      "import-x/no-default-export": "error",
      "max-lines": ["error", { max: 200, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ["scripts/**", "e2e/**"],
    languageOptions: {
      globals: Object.fromEntries(
        ["process", "console", "URL", "Buffer", "fetch", "document", "window", "setTimeout", "location", "performance", "requestAnimationFrame", "localStorage", "PerformanceObserver", "sessionStorage", "indexedDB"].map((name) => [name, "readonly"]),
      ),
    },
  },
);
