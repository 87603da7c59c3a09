import type { LlamaCpp } from '../llama-cpp/build-llama-cpp.ts';
import { bareDecode } from '../llama-cpp/bare-decode.ts';
import { ask, firstTextMs } from './ask.ts';
import { figuresOf } from './figures.ts';
import {
  afterCancel,
  eightAtOnce,
  longAlone,
  longBesideWriter,
  memory,
  readPrompt,
  shortAlone,
  shortBesideWriters,
  writeTogether,
  type Measured,
  type Sizes,
  type Subject,
} from './measures.ts';
import type { Peer } from './peer.ts';
import { createPrompts, type Prompts } from './prompts.ts';
import { rowsOf, type Round, type Row } from './report.ts';
import { binaryOf, startHeadway, startLlamaServer } from './servers.ts';

export interface CompareOptions {
  /** A GGUF file. */
  model: string;
  threads: number;
  rounds: number;
  /** Tokens of a long prompt. By default what llama-server reads in about four seconds, 512 to 4,096. */
  longTokens: number | undefined;
  /** Sizes of prompts whose prefill is measured, in tokens. */
  prefills: readonly number[];
  /** How many streams write together. */
  streams: readonly number[];
  slots: number;
  /** About how long a stream writes. */
  writeSeconds: number;
  /** More flags of `headway serve` and of llama-server. */
  serveFlags: readonly string[];
  serverFlags: readonly string[];
}

export interface Compared {
  /** Tokens of a long prompt. */
  promptTokens: number;
  /** Context of a slot. */
  context: number;
  /** Headway's binary of llama.cpp. */
  binary: string;
  rows: Row[];
}

interface Measure {
  name: string;
  run: (subject: Subject) => Promise<Measured> | Measured;
  /** Takes long: only in the first round. */
  once?: boolean;
}

/** Prompts of more than this many long ones are read once. */
const longPromptsEachRound = 2;

/** Measures both servers with the same work in turns. */
export async function comparePeers(llamaCpp: LlamaCpp, options: CompareOptions): Promise<Compared> {
  const { rounds, prefills, streams, slots } = options;
  const context = Math.max(6144, ...prefills.map((tokens) => tokens + 1024));
  const figures = figuresOf(prefills, streams);
  const few = streams.filter((count) => count <= slots);
  const many = streams.filter((count) => count > slots);

  const { sizes, ...first } = await withPeers(llamaCpp, options, slots, context, async (peers) => {
    const sized = await sizesFor(peers.llamaServer, options, context);
    const measures: Measure[] = [
      { name: 'a short prompt', run: shortAlone },
      { name: 'a long prompt', run: (subject) => longAlone(subject, sized) },
      { name: 'a long prompt beside a stream', run: (subject) => longBesideWriter(subject, sized) },
      { name: 'a short prompt beside streams', run: (subject) => shortBesideWriters(subject, sized) },
      { name: 'cancelled prompts', run: (subject) => afterCancel(subject, sized) },
      { name: '8 long prompts', run: (subject) => eightAtOnce(subject, sized) },
      ...few.map((count): Measure => writing(count, sized)),
      ...prefills.map((tokens): Measure => ({
        name: `a prompt of ${tokens} tokens`,
        run: (subject) => readPrompt(subject, tokens),
        once: tokens > longPromptsEachRound * sized.long,
      })),
      { name: 'memory', run: memory },
    ];
    const binary = await binaryOf(peers.headway.url);
    return { sizes: sized, binary, rounds: await inTurns(peers, rounds, measures) };
  });
  const most = Math.max(...many);
  const second =
    many.length === 0
      ? []
      : await withPeers(llamaCpp, options, most, 2048, (peers) =>
          inTurns(
            peers,
            rounds,
            many.map((count) => writing(count, sizes)),
          ),
        );

  const measured = first.rounds.map((one, at) => merged(one, second[at]));
  if (llamaCpp.batchedBench !== null) await addOutside(measured, llamaCpp.batchedBench, options, sizes);
  return { promptTokens: sizes.long, context, binary: first.binary, rows: rowsOf(figures, measured) };
}

/** Adds each server's processor time a token without what llama.cpp takes alone. */
async function addOutside(
  measured: readonly Round[],
  batchedBench: string,
  { model, threads, streams: counts }: CompareOptions,
  { write: tokens }: Sizes,
): Promise<void> {
  for (const streams of counts) {
    progress(`llama.cpp alone, ${streams} streams`);
    const bare = await bareDecode(batchedBench, { model, threads, streams, tokens });
    for (const side of measured.flatMap(({ llamaServer, headway }) => [llamaServer, headway]))
      side[`outside ${streams}`] = (side[`cpu ${streams}`] ?? Number.NaN) - bare.cpuMs;
  }
}

const writing = (streams: number, sizes: Sizes): Measure => ({
  name: streams === 1 ? 'a stream' : `${streams} streams`,
  run: (subject) => writeTogether(subject, streams, sizes),
});

interface Peers {
  llamaServer: Peer;
  headway: Peer;
  prompts: () => Prompts;
}

async function withPeers<T>(
  llamaCpp: LlamaCpp,
  { model, threads, serveFlags, serverFlags }: CompareOptions,
  slots: number,
  context: number,
  run: (peers: Peers) => Promise<T>,
): Promise<T> {
  const shared = { model, threads, slots, context };
  progress(`starting both with ${slots} slots of ${context} tokens`);
  const llamaServer = await startLlamaServer(llamaCpp.server, { ...shared, flags: serverFlags });
  try {
    const headway = await startHeadway({ ...shared, flags: serveFlags });
    try {
      return await run({ llamaServer, headway, prompts: await createPrompts(llamaServer.url) });
    } finally {
      await headway.close();
    }
  } finally {
    await llamaServer.close();
  }
}

/** Warms llama-server up and learns how much work fits the time. */
async function sizesFor({ url }: Peer, options: CompareOptions, context: number): Promise<Sizes> {
  const prompts = (await createPrompts(url))();
  const read = await ask(url, prompts.ofTokens(512), { maxTokens: 1 });
  const wrote = await ask(url, prompts.short(), { maxTokens: 24 });
  const last = wrote.arrivals.at(-1) ?? 0;
  const readPerSecond = (read.promptTokens * 1000) / firstTextMs(read);
  const writePerSecond = ((wrote.tokens - 1) * 1000) / (last - firstTextMs(wrote));
  return {
    long: options.longTokens ?? within(512, 4096, Math.round((readPerSecond * 4) / 128) * 128),
    write: within(32, 1024, Math.round(writePerSecond * options.writeSeconds)),
    context,
  };
}

const within = (least: number, most: number, value: number) => Math.min(most, Math.max(least, value));

/** Each measure on one server, then on the other. Who comes first alternates. */
async function inTurns(peers: Peers, rounds: number, measures: readonly Measure[]): Promise<Round[]> {
  const subjects = {
    llamaServer: { peer: peers.llamaServer, prompts: peers.prompts() },
    headway: { peer: peers.headway, prompts: peers.prompts() },
  };
  for (const subject of Object.values(subjects)) await shortAlone(subject);
  const found: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const one: Round = { llamaServer: {}, headway: {} };
    for (const [at, { name, run, once }] of measures.entries()) {
      if (once && round > 0) continue;
      progress(`round ${round + 1} of ${rounds}: ${name}`);
      const sides = ['llamaServer', 'headway'] as const;
      for (const side of (round + at) % 2 === 0 ? sides : sides.toReversed())
        Object.assign(one[side], await run(subjects[side]));
    }
    found.push(one);
  }
  return found;
}

function merged(one: Round, other: Round | undefined): Round {
  return {
    llamaServer: { ...one.llamaServer, ...other?.llamaServer },
    headway: { ...one.headway, ...other?.headway },
  };
}

const progress = (text: string) => console.error(text);
