import { setTimeout as pause } from 'node:timers/promises';

import { ask, firstTextMs, longestGap, type AskOptions } from './ask.ts';
import { median } from '../statistics.ts';
import { writeInStep } from '../write-in-step.ts';
import type { Peer } from './peer.ts';
import type { Prompts } from './prompts.ts';

/** One server under measurement. */
export interface Subject {
  peer: Peer;
  prompts: Prompts;
}

/** Sizes of the work, the same for all servers. */
export interface Sizes {
  /** Tokens of a long prompt. */
  long: number;
  /** Tokens that a stream writes. */
  write: number;
  /** Most tokens that prompt and answer may have. */
  context: number;
}

/** The figures that a measure found, by their id. */
export type Measured = Record<string, number>;

/** A long prompt alone. */
export async function longAlone({ peer, prompts }: Subject, { long }: Sizes): Promise<Measured> {
  const answer = await ask(peer.url, prompts.ofTokens(long), { maxTokens: 1 });
  const first = firstTextMs(answer);
  const feedback = [0, ...answer.feedback.filter((at) => at <= first)];
  return { 'first token, long': first, silence: longestGap(feedback) };
}

/** One alone says little: it takes a tenth of a second. */
const shortPrompts = 7;

export async function shortAlone(subject: Subject): Promise<Measured> {
  return { 'first token, short': await firstTokenOfShort(subject) };
}

/** The median of several short prompts, one after the other, in ms. */
async function firstTokenOfShort({ peer, prompts }: Subject): Promise<number> {
  const first: number[] = [];
  while (first.length < shortPrompts) first.push(firstTextMs(await ask(peer.url, prompts.short(), { maxTokens: 1 })));
  return median(first);
}

/** Short prompts while three streams write. */
export async function shortBesideWriters(subject: Subject, { context }: Sizes): Promise<Measured> {
  const writers = startWriters(subject, 3, context);
  await writers.written(5);
  const first = await firstTokenOfShort(subject);
  await writers.stop();
  return { 'first token, beside writers': first };
}

/** A stream while a long prompt is read beside it. */
export async function longBesideWriter(subject: Subject, { long, context }: Sizes): Promise<Measured> {
  const writers = startWriters(subject, 1, context);
  await writers.written(10);
  const reader = await ask(subject.peer.url, subject.prompts.ofTokens(long), { maxTokens: 1 });
  const [from, to] = [reader.sentAt, reader.sentAt + firstTextMs(reader)];
  const times = writers.times[0] ?? [];
  await writers.stop();
  const before = times.findLast((at) => at <= from) ?? from;
  return {
    gap: longestGap([before, ...times.filter((at) => at > from && at < to), to]),
    'first token, beside a writer': to - from,
  };
}

const cancelAfterMs = 300;

/** Four long prompts are cancelled while they are read; another request follows at once. */
export async function afterCancel({ peer, prompts }: Subject, { long }: Sizes): Promise<Measured> {
  const abort = new AbortController();
  const cancelled = Array.from({ length: 4 }, () => askUntil(abort.signal, peer.url, prompts.ofTokens(long)));
  await pause(cancelAfterMs);
  abort.abort();
  const answer = await ask(peer.url, prompts.short(), { maxTokens: 1 });
  await Promise.all(cancelled);
  return { 'after cancel': firstTextMs(answer) };
}

/** Eight long prompts at once: when the last of them learns where it stands. */
export async function eightAtOnce({ peer, prompts }: Subject, { long }: Sizes): Promise<Measured> {
  const abort = new AbortController();
  const from = performance.now();
  const waits = Array.from(
    { length: 8 },
    () =>
      new Promise<number>((resolve, reject) => {
        const onFeedback = () => resolve(performance.now() - from);
        askUntil(abort.signal, peer.url, prompts.ofTokens(long), { onFeedback }).catch(reject);
      }),
  );
  const heard = await Promise.all(waits);
  abort.abort();
  await ask(peer.url, prompts.short(), { maxTokens: 1 });
  return { 'first feedback of 8': Math.max(...heard) };
}

/** Tokens of a prompt read per second, from the request to the first token. */
export async function readPrompt({ peer, prompts }: Subject, tokens: number): Promise<Measured> {
  const answer = await ask(peer.url, prompts.ofTokens(tokens), { maxTokens: 1 });
  return { [`read ${tokens}`]: (answer.promptTokens * 1000) / firstTextMs(answer) };
}

/** Speed and processor time of streams that write together. */
export async function writeTogether(subject: Subject, streams: number, { write }: Sizes): Promise<Measured> {
  const { peer, prompts } = subject;
  const { tokensPerSecond, cpuMs } = await writeInStep(
    streams,
    () => peer.cost().cpuMs,
    async (_, onText) => {
      const answer = await ask(peer.url, prompts.short(), { maxTokens: write, onText });
      return answer.tokens;
    },
  );
  return { [`write ${streams}`]: tokensPerSecond, [`cpu ${streams}`]: cpuMs };
}

export function memory({ peer }: Subject): Measured {
  return { memory: peer.cost().rssMiB };
}

/** Streams that write until they are stopped. */
function startWriters({ peer, prompts }: Subject, count: number, context: number) {
  const abort = new AbortController();
  const times = Array.from({ length: count }, (): number[] => []);
  let onText = () => {};
  const ends = times.map((own) => {
    const seen = () => {
      own.push(performance.now());
      onText();
    };
    return askUntil(abort.signal, peer.url, prompts.short(), { maxTokens: context - 256, onText: seen });
  });
  return {
    times,
    /** Resolves when each has written this many pieces. */
    written: (pieces: number) =>
      new Promise<void>((resolve) => {
        onText = () => {
          if (times.every((own) => own.length >= pieces)) resolve();
        };
        onText();
      }),
    async stop() {
      abort.abort();
      await Promise.all(ends);
    },
  };
}

/** Asks until the signal fires, which is no error. */
async function askUntil(
  signal: AbortSignal,
  url: string,
  prompt: string,
  options: Partial<Omit<AskOptions, 'signal'>> = {},
): Promise<void> {
  try {
    await ask(url, prompt, { maxTokens: 1, ...options, signal });
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}
