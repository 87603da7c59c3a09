import { foreignText, formatProgress, type ProgressSnapshot } from '@headway/protocol';
import stringWidth from 'string-width';

import { asIs, type Paint } from '../terminal/drawing/paint.ts';
import type { colorsFor } from '../terminal/stream-colors.ts';

/** A bar with fewer columns than this shows too little and is left out. */
const leastBar = 8;
const longestBar = 32;

/** What the parts of a bar are drawn with: the cached, the read and the remaining tokens. */
export interface BarTones {
  cached: Tone;
  read: Tone;
  toCome: Tone;
}

interface Tone {
  character: string;
  paint: Paint;
}

/** A tone for each part. Without colours their characters tell them apart. */
export function barTones({ isColorSupported, green, cyan, dim }: ReturnType<typeof colorsFor>): BarTones {
  if (!isColorSupported) return plainTones;
  return {
    cached: { character: '█', paint: green },
    read: { character: '█', paint: cyan },
    toCome: { character: '░', paint: dim },
  };
}

export const plainTones: BarTones = {
  cached: { character: '▓', paint: asIs },
  read: { character: '█', paint: asIs },
  toCome: { character: '░', paint: asIs },
};

/** A generation's progress in one line shorter than `columns`. During prefill it has a bar: cached, read and remaining tokens. */
export function readingLine(told: ProgressSnapshot, columns: number, tones: BarTones = plainTones): string {
  // Terminals differ in how they wrap at the last column, so it stays free.
  const width = Math.max(0, columns - 1);
  const snapshot = withRoomForNames(told, width);
  const { phase, prompt } = snapshot;
  // A gateway may send anything in place of a number.
  const shown = (words: string) => foreignText(words).slice(0, width);
  if (phase !== 'prefill' || !prompt || snapshot.ahead > 0) return shown(formatProgress(snapshot));
  const cached = prompt.cached > 0 ? `, ${prompt.cached.toLocaleString('en')} cached` : '';
  const words = shortly(snapshot);
  // Room for the longest text, so that the bar keeps its length.
  const atTheEnd = longestOf({ ...snapshot, prompt: { ...prompt, processed: prompt.total }, stalledMs: null });
  const longestRest = snapshot.stalledMs === null ? ', 99 s to go' : ', no news for 99 s';
  const bar = Math.min(longestBar, width - stringWidth(`${atTheEnd}${longestRest}${cached} `));
  if (bar < leastBar) return shown(words + cached);
  const room = width - bar - 1;
  const said = words.slice(0, room);
  return `${drawBar(prompt, bar, tones)} ${said}${tones.cached.paint(foreignText(cached).slice(0, room - stringWidth(said)))}`;
}

/** The same without its spans, where their names would leave no room for the numbers. */
function withRoomForNames(snapshot: ProgressSnapshot, width: number): ProgressSnapshot {
  const { spans, ...rest } = snapshot;
  return spans && stringWidth(longestOf(snapshot)) > width - longestNews ? rest : snapshot;
}

/** Columns of what may follow the numbers. */
const longestNews = ', no news for 99 s'.length;

/** The longest text that the line has while one span after the other is read. */
function longestOf(snapshot: ProgressSnapshot): string {
  const { spans = [] } = snapshot;
  const texts = spans.map((span) => shortly({ ...snapshot, spans: [{ ...span, processed: 0, total: 1 }] }));
  return texts.reduce(
    (longest, text) => (stringWidth(text) > stringWidth(longest) ? text : longest),
    shortly(snapshot),
  );
}

/** The text beside a bar, which has less room. */
const shortly = (snapshot: ProgressSnapshot) =>
  foreignText(formatProgress(snapshot).replace('Reading the prompt: ', 'Reading '));

function drawBar(
  { processed, cached, total }: NonNullable<ProgressSnapshot['prompt']>,
  width: number,
  tones: BarTones,
): string {
  const upTo = (tokens: number) => Math.floor((width * tokens) / total);
  const part = ({ character, paint }: Tone, length: number) => (length > 0 ? paint(character.repeat(length)) : '');
  return (
    part(tones.cached, upTo(cached)) +
    part(tones.read, upTo(processed) - upTo(cached)) +
    part(tones.toCome, width - upTo(processed))
  );
}
