import { expect } from 'vitest';

import { jsonOf, type SseRecord } from './sse-records.ts';

/** One report of how far a prompt is read. */
export interface ProgressReading {
  processed: number;
  total: number;
  /** Null where the dialect does not say it. */
  cached: number | null;
  queuePosition: number | null;
}

export interface ProgressMode {
  name: string;
  headers: Readonly<Record<string, string>>;
  body: Readonly<Record<string, unknown>>;
  /** What a record of the stream reports; null for all others. */
  read: (record: SseRecord) => ProgressReading | null;
}

interface LlamaChunk {
  prompt_progress?: { total: number; cache: number; processed: number; queue_position?: number };
  /** Where OpenAI's Responses carry it. */
  response?: LlamaChunk;
}

interface NamedEvent {
  processed: number;
  total: number;
  cached: number;
  queuePosition: number | null;
}

interface ExoChunk {
  PrefillProgressChunk: { processed_tokens: number; total_tokens: number; queue_position?: number };
}

interface LeanEvent {
  n_past: number;
  n_prompt_tokens: number;
  queue_position?: number;
}

export const silent: ProgressMode = { name: 'silent', headers: {}, body: {}, read: () => null };

export const returnProgress: ProgressMode = {
  name: 'return_progress',
  headers: {},
  body: { return_progress: true },
  read(record) {
    const chunk = jsonOf<LlamaChunk>(record);
    const found = chunk?.prompt_progress ?? chunk?.response?.prompt_progress;
    if (!found) return null;
    const { processed, total, cache, queue_position: queuePosition = null } = found;
    return { processed, total, cached: cache, queuePosition };
  },
};

export const named: ProgressMode = {
  name: 'named',
  headers: { 'X-Headway-Progress': 'named' },
  body: {},
  read(record) {
    const event = record.event === 'prefill_progress' ? jsonOf<NamedEvent>(record) : null;
    if (!event) return null;
    const { processed, total, cached, queuePosition } = event;
    return { processed, total, cached, queuePosition };
  },
};

export const comment: ProgressMode = {
  name: 'comment',
  headers: { 'X-Headway-Progress': 'comment' },
  body: {},
  read({ comments: [line = ''] }) {
    const [, json] = /^prefill_progress (.*)$/.exec(line) ?? [];
    if (json === undefined) return null;
    const { PrefillProgressChunk: chunk } = JSON.parse(json) as ExoChunk;
    const { processed_tokens: processed, total_tokens: total, queue_position: queuePosition = null } = chunk;
    return { processed, total, cached: null, queuePosition };
  },
};

/** For those who read the stream by hand: it breaks SDKs. */
export const swiftLm: ProgressMode = {
  name: 'SwiftLM',
  headers: { 'X-SwiftLM-Prefill-Progress': '1' },
  body: {},
  read(record) {
    const event = record.event === 'prefill_progress' ? jsonOf<LeanEvent>(record) : null;
    if (!event) return null;
    const { n_past: processed, n_prompt_tokens: total, queue_position: queuePosition = null } = event;
    return { processed, total, cached: null, queuePosition };
  },
};

/** Those that every SDK survives. */
export const sdkModes = [silent, returnProgress, named, comment] as const;

/** What a stream reported, in order. */
export function progressIn(records: readonly SseRecord[], mode: ProgressMode): ProgressReading[] {
  return records.flatMap((record) => mode.read(record) ?? []);
}

/**
 * Fails unless a stream told all the way of its prompt in this mode, from what was cached to the end, before its first
 * token, or nothing at all in `silent`.
 */
export function expectWholeProgress(
  records: readonly SseRecord[],
  mode: ProgressMode,
  prompt: { tokens: number; cached: number; isToken: (record: SseRecord) => boolean },
): void {
  const firstToken = records.findIndex(prompt.isToken);
  expect(firstToken).toBeGreaterThan(-1);
  expect(progressIn(records.slice(firstToken), mode)).toEqual([]);
  const reports = progressIn(records, mode);
  if (mode === silent) {
    const others = [returnProgress, named, comment, swiftLm];
    expect(others.flatMap((other) => progressIn(records, other))).toEqual([]);
    return;
  }
  const reading = reports.filter(({ queuePosition }) => queuePosition === null);
  expect(reading.length).toBeGreaterThanOrEqual(2);
  expect(reading[0]?.processed).toBe(prompt.cached);
  expect(reading.at(-1)?.processed).toBe(prompt.tokens);
  expect(new Set(reports.map(({ total }) => total))).toEqual(new Set([prompt.tokens]));
  for (const { cached } of reading) expect([null, prompt.cached]).toContain(cached);
  const steps = reading.map(({ processed }) => processed);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
}
