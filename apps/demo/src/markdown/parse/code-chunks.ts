/** For each line that is written, the browser lays out the whole chunk again. */
const linesTogether = 50;

/** Cuts code into chunks of limited height, which each keep their last line end; joined, they are the text. */
export function codeChunks(text: string): string[] {
  const chunks: string[] = [];
  let start = 0;
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    lines += 1;
    if (lines < linesTogether) continue;
    chunks.push(text.slice(start, at + 1));
    start = at + 1;
    lines = 0;
  }
  if (start < text.length || chunks.length === 0) chunks.push(text.slice(start));
  return chunks;
}
