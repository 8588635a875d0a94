/** Pages of `docs/` as data, by the plugin in `scripts/guides.mjs`. */
declare module "*.md?guide" {
  export type Inline = string | [kind: string, content: string | Inline[], href?: string];
  export type Block = [kind: string, content: string | Inline[] | Inline[][] | Inline[][][]];
  const blocks: Block[];
  // eslint-disable-next-line import-x/no-default-export -- so are files imported by their address
  export default blocks;
}
