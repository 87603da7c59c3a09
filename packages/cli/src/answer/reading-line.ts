import { formatProgress, type ProgressSnapshot } from '@headway/protocol';

/** A bar with fewer columns than this shows too little and is left out. */
const leastBar = 8;
const longestBar = 32;

/** A generation's progress in one line shorter than `columns`. During prefill it has a bar: cached, read and remaining tokens. */
export function readingLine(told: ProgressSnapshot, columns: number): string {
  // Terminals differ in how they wrap at the last column, so it stays free.
  const width = Math.max(0, columns - 1);
  const snapshot = withRoomForNames(told, width);
  const { phase, prompt } = snapshot;
  if (phase !== 'prefill' || !prompt || snapshot.ahead > 0) return formatProgress(snapshot).slice(0, width);
  const cached = prompt.cached > 0 ? `, ${prompt.cached.toLocaleString('en')} cached` : '';
  const words = shortly(snapshot) + cached;
  // Room for the longest text, so that the bar keeps its length.
  const atTheEnd = longestOf({ ...snapshot, prompt: { ...prompt, processed: prompt.total }, stalledMs: null });
  const longestRest = snapshot.stalledMs === null ? ', 99 s to go' : ', no news for 99 s';
  const room = Math.min(longestBar, width - `${atTheEnd}${longestRest}${cached} `.length);
  const bar = room >= leastBar ? `${drawBar(prompt, room)} ` : '';
  return `${bar}${words}`.slice(0, width);
}

/** The same without its spans, where their names would leave no room for the numbers. */
function withRoomForNames(snapshot: ProgressSnapshot, width: number): ProgressSnapshot {
  const { spans, ...rest } = snapshot;
  return spans && longestOf(snapshot).length > width - longestNews ? rest : snapshot;
}

/** Columns of what may follow the numbers. */
const longestNews = ', no news for 99 s'.length;

/** The longest text that the line has while one span after the other is read. */
function longestOf(snapshot: ProgressSnapshot): string {
  const { spans = [] } = snapshot;
  const texts = spans.map((span) => shortly({ ...snapshot, spans: [{ ...span, processed: 0, total: 1 }] }));
  return texts.reduce((longest, text) => (text.length > longest.length ? text : longest), shortly(snapshot));
}

/** The text beside a bar, which has less room. */
const shortly = (snapshot: ProgressSnapshot) => formatProgress(snapshot).replace('Reading the prompt: ', 'Reading ');

function drawBar({ processed, cached, total }: NonNullable<ProgressSnapshot['prompt']>, width: number): string {
  const upTo = (tokens: number) => Math.floor((width * tokens) / total);
  return '▓'.repeat(upTo(cached)) + '█'.repeat(upTo(processed) - upTo(cached)) + '░'.repeat(width - upTo(processed));
}
