import { createElement, Fragment, type ReactNode } from "react";
import https, { type Block, type Inline } from "../../../docs/https.md?guide";
import { Header } from "./Header";

/** A page of the documentation, from our own origin: it is there where the internet is not. */
export function GuideView() {
  return (
    <>
      <Header />
      <main className="guide">
        {https.map((block, place) => (
          <Part key={place} block={block} />
        ))}
      </main>
    </>
  );
}

function Part({ block: [kind, content] }: { block: Block }) {
  if (typeof content === "string") {
    return (
      <pre tabIndex={0}>
        <code>{content}</code>
      </pre>
    );
  }
  if (kind === "table") return <Table rows={content as Inline[][][]} />;
  if (kind === "ul" || kind === "ol") {
    return createElement(kind, null, (content as Inline[][]).map((item, place) => <li key={place}>{words(item)}</li>));
  }
  return createElement(kind, null, words(content as Inline[]));
}

function Table({ rows: [head = [], ...rows] }: { rows: Inline[][][] }) {
  return (
    <table>
      {head.some((cell) => cell.length > 0) && (
        <thead>
          <tr>
            {head.map((cell, place) => (
              <th key={place}>{words(cell)}</th>
            ))}
          </tr>
        </thead>
      )}
      <tbody>
        {rows.map((row, place) => (
          <tr key={place}>
            {row.map((cell, at) => (
              <td key={at}>{words(cell)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function words(content: Inline[]): ReactNode {
  return content.map((inline, place) => {
    if (typeof inline === "string") return <Fragment key={place}>{inline}</Fragment>;
    const [kind, inner, href] = inline;
    const shown = typeof inner === "string" ? inner : words(inner);
    // Other pages of the documentation are not here: their names are enough to find them.
    if (kind === "a" && href?.startsWith("http")) return <a key={place} href={href}>{shown}</a>;
    return createElement(kind === "a" ? "em" : kind, { key: place }, shown);
  });
}
