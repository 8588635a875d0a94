/** Vite plugin: `import guide from "../docs/https.md?guide"` is the page's words as data, not as HTML. */
import { readFileSync } from "node:fs";
import { marked } from "marked";

/** A token of `marked` as an array `[kind, content, extra]`: small, and nothing in it is a script. */
function compact(token) {
  switch (token.type) {
    case "heading":
      return [`h${token.depth}`, inline(token.tokens)];
    case "paragraph":
      return ["p", inline(token.tokens)];
    case "code":
      return ["pre", token.text];
    case "list":
      return [token.ordered ? "ol" : "ul", token.items.map((item) => item.tokens.flatMap((one) => inline(one.tokens ?? [one])))];
    case "table":
      return ["table", [token.header, ...token.rows].map((row) => row.map((cell) => inline(cell.tokens)))];
    default:
      throw new Error(`a guide has a ${token.type}, which the page cannot show`);
  }
}

function inline(tokens) {
  return tokens.map((token) => {
    switch (token.type) {
      case "text":
      case "escape":
        return token.tokens ? ["span", inline(token.tokens)] : token.text;
      case "codespan":
        return ["code", token.text];
      case "strong":
        return ["strong", inline(token.tokens)];
      case "em":
        return ["em", inline(token.tokens)];
      case "link":
        return ["a", inline(token.tokens), token.href];
      default:
        throw new Error(`a guide has a ${token.type}, which the page cannot show`);
    }
  });
}

export function guides() {
  return {
    name: "guides",
    enforce: "pre",
    load(id) {
      if (!id.endsWith(".md?guide")) return null;
      const file = id.slice(0, -"?guide".length);
      this.addWatchFile(file);
      const tokens = marked.lexer(readFileSync(file, "utf8")).filter(({ type }) => type !== "space");
      return `export default ${JSON.stringify(tokens.map(compact))};`;
    },
  };
}
