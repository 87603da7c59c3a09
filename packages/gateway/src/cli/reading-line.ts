import { formatProgress, type ProgressSnapshot } from '@headway/protocol';

/** Bars shorter than this say less than the space they take. */
const leastBar = 8;
const longestBar = 32;

/** How a generation stands, in one line of at most `columns`, while the prompt is read with a bar: cached, read, to go. */
export function readingLine(snapshot: ProgressSnapshot, columns: number): string {
  const { phase, prompt } = snapshot;
  const cached = prompt && prompt.cached > 0 ? `, ${prompt.cached.toLocaleString('en')} cached` : '';
  const words = formatProgress(snapshot) + (phase === 'prefill' ? cached : '');
  // One column stays free: terminals differ in what they do at the last one.
  const room = Math.min(longestBar, columns - words.length - 2);
  const bar = phase === 'prefill' && prompt && room >= leastBar ? `${drawBar(prompt, room)} ` : '';
  return `${bar}${words}`.slice(0, Math.max(0, columns - 1));
}

function drawBar({ processed, cached, total }: NonNullable<ProgressSnapshot['prompt']>, width: number): string {
  const upTo = (tokens: number) => Math.floor((width * tokens) / total);
  return '▓'.repeat(upTo(cached)) + '█'.repeat(upTo(processed) - upTo(cached)) + '░'.repeat(width - upTo(processed));
}
