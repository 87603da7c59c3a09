import { readSse, recordTexts, type SseRecord } from './sse-records.ts';

/** The line that replaces records of the same shape. */
const more = '…';

/** Fields with one of a few values. */
const words = new Set(['type', 'object', 'phase', 'status', 'role', 'finish_reason', 'stop_reason', 'finishReason']);

/** The fields of a value at every depth, and the values of those fields. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((one) => JSON.stringify(shapeOf(one))))];
  if (typeof value !== 'object' || value === null) return 1;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, words.has(key) && typeof one !== 'object' ? one : shapeOf(one)]),
  );
}

function shapeOfText(text: string): unknown {
  const start = text.indexOf('{');
  if (start === -1) return text;
  return [text.slice(0, start), shapeOf(JSON.parse(text.slice(start)))];
}

function shapeOfRecord({ event, id, data, comments }: SseRecord): string {
  return JSON.stringify([event, id !== null, data === null ? null : shapeOfText(data), comments.map(shapeOfText)]);
}

/** Heartbeats, whose number depends on the speed of the machine. */
const isBeat = ({ event, comments }: SseRecord) => event === 'ping' || comments.includes('keep-alive');

/** The records of a stream, one after another in runs of the same shape, with one sign of life of each kind. */
function runsOf(body: string): { shape: string; records: string[] }[] {
  const runs: { shape: string; records: string[] }[] = [];
  const texts = recordTexts(body);
  for (const [at, record] of readSse(body).entries()) {
    const shape = shapeOfRecord(record);
    if (isBeat(record) && runs.some((run) => run.shape === shape)) continue;
    const last = runs.at(-1);
    if (last?.shape === shape) last.records.push(texts[at] ?? '');
    else runs.push({ shape, records: [texts[at] ?? ''] });
  }
  return runs;
}

/** An abridged stream for readers: the first and the last record of each run of one shape. */
export function abridge(body: string): string {
  return runsOf(body)
    .flatMap(({ records }) => (records.length > 2 ? [records[0] ?? '', more, records.at(-1) ?? ''] : records))
    .map((text) => (text.startsWith(':') ? `${text}\n` : `${text}\n\n`))
    .join('')
    .trimEnd();
}

/** The order of shapes in a stream or an abridged one. */
export function shapesIn(text: string): string[] {
  return runsOf(`${text.replaceAll(`${more}\n\n`, '').trimEnd()}\n\n`).map(({ shape }) => shape);
}
