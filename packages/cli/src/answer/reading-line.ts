import { formatProgress, type ProgressSnapshot } from '@headway/protocol';

/** Bars shorter than this say less than the space they take. */
const leastBar = 8;
const longestBar = 32;

/** How a generation stands, in one line of at most `columns`, while the prompt is read with a bar: cached, read, to go. */
export function readingLine(snapshot: ProgressSnapshot, columns: number): string {
  const { phase, prompt } = snapshot;
  // One column stays free: terminals differ in what they do at the last one.
  const width = Math.max(0, columns - 1);
  if (phase !== 'prefill' || !prompt || snapshot.ahead > 0) return formatProgress(snapshot).slice(0, width);
  const cached = prompt.cached > 0 ? `, ${prompt.cached.toLocaleString('en')} cached` : '';
  const words = shortly(snapshot) + cached;
  // What the words need at their longest, so that the bar keeps its length.
  const atTheEnd = shortly({ ...snapshot, prompt: { ...prompt, processed: prompt.total }, stalledMs: null });
  const longestRest = snapshot.stalledMs === null ? ', 99 s to go' : ', no news for 99 s';
  const room = Math.min(longestBar, width - `${atTheEnd}${longestRest}${cached} `.length);
  const bar = room >= leastBar ? `${drawBar(prompt, room)} ` : '';
  return `${bar}${words}`.slice(0, width);
}

/** Beside a bar there is no room for all the words. */
const shortly = (snapshot: ProgressSnapshot) => formatProgress(snapshot).replace('Reading the prompt: ', 'Reading ');

function drawBar({ processed, cached, total }: NonNullable<ProgressSnapshot['prompt']>, width: number): string {
  const upTo = (tokens: number) => Math.floor((width * tokens) / total);
  return '▓'.repeat(upTo(cached)) + '█'.repeat(upTo(processed) - upTo(cached)) + '░'.repeat(width - upTo(processed));
}
