/** Stop texts with a line each. A line break or a tab inside one is written `\n` or `\t`. */
export function stopLines(stop: readonly string[]): string {
  return stop
    .map((text) =>
      text
        .replaceAll('\\', '\\\\')
        .replaceAll('\n', String.raw`\n`)
        .replaceAll('\t', String.raw`\t`),
    )
    .join('\n');
}

/** The stop texts of lines that `stopLines` or the user wrote. Empty lines count as none. */
export function stopTexts(lines: string): string[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replaceAll(/\\([nt\\])/g, (_, code: string) => written[code] ?? code));
}

const written: Record<string, string> = { n: '\n', t: '\t', '\\': '\\' };
