import { readSse, recordTexts, type SseRecord } from './sse-records.ts';

/** The line that stands for records like the ones around it. */
const more = '…';

/** Fields that hold one of a few words. */
const words = new Set(['type', 'object', 'phase', 'status', 'role', 'finish_reason', 'stop_reason', 'finishReason']);

/** Which fields a value has, at every depth, whatever they hold, and those words. */
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

/** Signs of life, which come as often as a machine is slow. */
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

/** A stream to be read by people: of a run of records of one shape the first and the last. */
export function abridge(body: string): string {
  return runsOf(body)
    .flatMap(({ records }) => (records.length > 2 ? [records[0] ?? '', more, records.at(-1) ?? ''] : records))
    .map((text) => (text.startsWith(':') ? `${text}\n` : `${text}\n\n`))
    .join('')
    .trimEnd();
}

/** Which shapes come after one another, in a stream or in an abridged one. */
export function shapesIn(text: string): string[] {
  return runsOf(`${text.replaceAll(`${more}\n\n`, '').trimEnd()}\n\n`).map(({ shape }) => shape);
}
