/** Prefixes the names of a grammar's rules, so that several grammars fit into one. */
export function prefixRules(gbnf: string, prefix: string): string {
  return gbnf.replace(/"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|[A-Za-z][A-Za-z0-9-]*/gu, (token) =>
    token.startsWith('"') || token.startsWith('[') ? token : `${prefix}${token}`,
  );
}
