import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

import cliProgress from 'cli-progress';
import ora from 'ora';
import { describe, expect, it, vi } from 'vitest';

import { sampleDone, sampleError, samplePrefill, sampleToken } from '../testing.ts';
import type { GenerationEvent } from '../schema/events/event.ts';
import { createProgressReporter } from './progress-reporter.ts';
import { toProgressHook, type ProgressTarget } from './targets/progress-target.ts';

const life: GenerationEvent[] = [
  samplePrefill({ seq: 0, id: 'g', phase: 'queued', queuePosition: 2, total: 1000 }),
  samplePrefill({ seq: 1, processed: 0, total: 1000 }),
  samplePrefill({ seq: 2, processed: 500, total: 1000, etaMs: 4200, tokensPerSecond: 120 }),
  samplePrefill({ seq: 3, processed: 1000, total: 1000, etaMs: 0 }),
  sampleToken({ seq: 4, count: 1, completionTokens: 1, tokensPerSecond: 40 }),
  sampleToken({ seq: 5, count: 19, completionTokens: 20, tokensPerSecond: 44.06 }),
];
const done = sampleDone({ seq: 6, usage: { promptTokens: 1000, cachedTokens: 0, completionTokens: 20 } });
const cancelled = sampleDone({ ...done, finishReason: 'cancelled' });
const failed = sampleError({ seq: 6, code: 'engine-crashed' });

/** Draws each event of a generation on a target. */
function draw(target: ProgressTarget, events: readonly GenerationEvent[]): void {
  let now = 0;
  const report = createProgressReporter(toProgressHook(target), {
    everyMs: 0,
    maxTokens: 40,
    now: () => (now += 1000),
  });
  for (const event of events) void report(event);
}

/** A terminal that records what is drawn on it. */
function terminal() {
  const stream = Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 120,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  });
  const drawn: string[] = [];
  stream.on('data', (chunk: Buffer) => drawn.push(chunk.toString()));
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    text: () => stripVTControlCharacters(drawn.join('')),
  };
}

describe('a cli-progress bar', () => {
  // With a negative fps cli-progress draws at each update.
  const format = '{bar} {value}/{total} {status} [{mood}]';

  it('fills during prefill, again during decode, and stops', () => {
    const { stream, text } = terminal();
    const bar = new cliProgress.SingleBar({
      stream,
      format,
      noTTYOutput: true,
      synchronousUpdate: true,
      fps: -1,
    });
    draw(bar, [...life, done]);
    expect(text()).toContain('500/1000 Reading the prompt: 500 of 1,000 tokens (50 %), 5 s to go');
    expect(text()).toContain('20/40 Writing: 20 tokens, 44.1 tokens/s');
    expect(text()).toContain('20/20 Done: 20 tokens, 100.0 tokens/s [good]');
    expect(bar.isActive).toBe(false);
  });

  it('uses a bar that the caller has started, and shows the outcome', () => {
    const { stream, text } = terminal();
    const bar = new cliProgress.SingleBar({
      stream,
      format,
      noTTYOutput: true,
      synchronousUpdate: true,
      fps: -1,
    });
    bar.start(1, 0, { status: 'mine', mood: '' });
    const start = vi.spyOn(bar, 'start');
    draw(bar, [...life, failed]);
    expect(start).not.toHaveBeenCalled();
    expect(text()).toContain('Failed: engine-crashed [failed]');
    expect(bar.isActive).toBe(false);
  });

  it('of the kind MultiBar gets a bar for prefill and one for decode, and keeps running', () => {
    const { stream } = terminal();
    const bars = new cliProgress.MultiBar({ stream, format, noTTYOutput: true });
    const create = vi.spyOn(bars, 'create');
    draw(bars, [...life, cancelled]);
    const made = create.mock.results.map(({ value }) => value as cliProgress.SingleBar);
    expect(made.map((bar) => bar.getTotal())).toEqual([1000, 40]);
    expect(made.map((bar) => bar.isActive)).toEqual([false, false]);
    expect(bars.isActive).toBe(true);
    bars.stop();
  });
});

describe('an ora spinner', () => {
  it.each([
    ['succeeds', done, /✔ Done: 20 tokens/],
    ['warns', cancelled, /⚠ Cancelled: 20 tokens/],
    ['fails', failed, /✖ Failed: engine-crashed/],
  ] as const)('shows the status line and %s at the end', (_, end, line) => {
    const { stream, text } = terminal();
    const spinner = ora({ stream, isEnabled: true, discardStdin: false });
    draw(spinner, life);
    expect(spinner.isSpinning).toBe(true);
    expect(spinner.text).toBe('Writing: 20 tokens, 44.1 tokens/s');
    draw(spinner, [...life, end]);
    expect(spinner.isSpinning).toBe(false);
    expect(text()).toMatch(line);
  });
});

it('the hook rejects when an object’s asynchronous update or stop rejects', async () => {
  const broken = { update: () => Promise.reject(new Error('update')), stop: vi.fn() };
  const report = createProgressReporter(toProgressHook(broken), { strict: true });
  for (const event of life) expect(report(event)).toBeUndefined();
  await expect(report(done)).rejects.toThrow('update');
  expect(broken.stop).toHaveBeenCalledTimes(1);
});

describe('an element with value and max', () => {
  function element() {
    const seen: string[] = [];
    const attributes: Record<string, string> = {};
    return {
      seen,
      attributes,
      value: 0,
      max: 1,
      removeAttribute: () => seen.push('indeterminate'),
      setAttribute: (name: string, value: string) => void (attributes[name] = value),
    };
  }

  it('is indeterminate while queued, follows prefill and decode, and ends full', () => {
    const bar = element();
    const states: string[] = [];
    let now = 0;
    const report = createProgressReporter(toProgressHook(bar), { everyMs: 0, maxTokens: 40, now: () => (now += 1000) });
    for (const event of [...life, done]) {
      void report(event);
      states.push(`${bar.value}/${bar.max}`);
    }
    expect(bar.seen).toEqual(['indeterminate']);
    expect(states.slice(1)).toEqual(['0/1000', '500/1000', '1000/1000', '1/40', '20/40', '1/1']);
    expect(bar.attributes).toMatchObject({
      'data-mood': 'good',
      'data-phase': 'ended',
      'aria-valuetext': 'Done: 20 tokens, 100.0 tokens/s',
    });
  });

  it('is set by its value, also if it has its own `update` as custom elements do', () => {
    const bar = Object.assign(element(), { update: vi.fn() });
    draw(bar, life);
    expect([bar.value, bar.max]).toEqual([20, 40]);
    expect(bar.update).not.toHaveBeenCalled();
  });

  it('keeps its value when the generation is cancelled', () => {
    const bar = element();
    draw(bar, [...life, cancelled]);
    expect([bar.value, bar.max, bar.attributes['data-mood']]).toEqual([20, 40, 'stopped']);
  });
});
