import { expect } from 'vitest';

import { jsonOf, type SseRecord } from './sse-records.ts';

/** One report of prefill progress. */
export interface ProgressReading {
  processed: number;
  total: number;
  /** Null where the dialect has no such field. */
  cached: number | null;
  queuePosition: number | null;
}

export interface ProgressDialect {
  name: string;
  headers: Readonly<Record<string, string>>;
  body: Readonly<Record<string, unknown>>;
  /** The progress in a record of the stream; null for other records. */
  read: (record: SseRecord) => ProgressReading | null;
}

interface LlamaChunk {
  prompt_progress?: { total: number; cache: number; processed: number; queue_position?: number };
  /** Present in OpenAI's Responses. */
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

export const silent: ProgressDialect = { name: 'silent', headers: {}, body: {}, read: () => null };

export const returnProgress: ProgressDialect = {
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

export const named: ProgressDialect = {
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

export const comment: ProgressDialect = {
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

/** For clients that read the stream themselves: it breaks SDKs. */
export const swiftLm: ProgressDialect = {
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

/** The dialects that every SDK tolerates. */
export const sdkDialects = [silent, returnProgress, named, comment] as const;

/** The progress reports of a stream, in order. */
export function progressIn(records: readonly SseRecord[], dialect: ProgressDialect): ProgressReading[] {
  return records.flatMap((record) => dialect.read(record) ?? []);
}

/**
 * Fails unless a stream reported all of its prefill in this dialect, from the cached tokens to the end, before its first
 * token, or nothing in `silent`.
 */
export function expectWholeProgress(
  records: readonly SseRecord[],
  dialect: ProgressDialect,
  prompt: { tokens: number; cached: number; isToken: (record: SseRecord) => boolean },
): void {
  const firstToken = records.findIndex(prompt.isToken);
  expect(firstToken).toBeGreaterThan(-1);
  expect(progressIn(records.slice(firstToken), dialect)).toEqual([]);
  const reports = progressIn(records, dialect);
  if (dialect === silent) {
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
