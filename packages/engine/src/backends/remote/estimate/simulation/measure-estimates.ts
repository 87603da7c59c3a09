import { seededRandom } from '../../../../backend/choose-token.ts';
import { prefixBlocks } from '../prefix-blocks.ts';
import { PrefixMemory } from '../prefix-memory.ts';
import { ReadingModel } from '../reading-model.ts';
import { TokenGuess } from '../token-guess.ts';
import { Agenda } from './agenda.ts';
import { sampleText } from './sample-text.ts';
import { SimulatedUpstream, type Served, type UpstreamTraits } from './simulated-upstream.ts';

/** Who sends what to the simulated upstream. */
export interface Traffic extends UpstreamTraits {
  /** Others that send one request after the other, all of ours. */
  neighbours: number;
  /** Share of the requests that go on with the conversation of the one before. */
  followUps: number;
  /** Whether usage tells cached tokens. */
  tellsCached: boolean;
  /** Requests after which the upstream takes half of the time; null: never. */
  redeployedAfter: number | null;
}

/** How good the estimate of one request was. */
export interface EstimateError {
  /** Requests of which the whole course was known when it was sent, since the last deployment. */
  learnt: number;
  /** Relative error of the time to the first token predicted when it was sent; null when nothing was predicted. */
  firstToken: number | null;
  /** Mean absolute error of the share of the prompt that was shown as read. */
  fraction: number;
}

export const quietTraffic: Traffic = {
  slowness: 1,
  isInTurn: true,
  caches: true,
  cacheTokens: 200_000,
  queued: 0,
  noise: 0.15,
  neighbours: 0,
  followUps: 0,
  tellsCached: true,
  redeployedAfter: null,
};

const promptCharacters = { least: 1000, most: 100_000 };
const followUpCharacters = { least: 400, most: 12_000 };
const answerTokens = { least: 10, most: 300 };
const pauseMs = { least: 0, most: 1500 };
const networkMs = { least: 16, most: 20 };
const samplingMs = 30;
const frameTokens = 12;
const textCharacters = 400_000;
const text = sampleText(textCharacters, seededRandom(1));

/** Sends requests until `requests` are over, and compares their estimates with what happened. */
export function measureEstimates(traffic: Traffic, requests: number, seed: number): EstimateError[] {
  const random = seededRandom(seed);
  const between = ({ least, most }: { least: number; most: number }) => least + (most - least) * random();
  /** Short ones are as frequent as long ones. */
  const size = ({ least, most }: { least: number; most: number }) => Math.round(least * (most / least) ** random());
  const agenda = new Agenda();
  const upstream = new SimulatedUpstream(traffic, agenda, random);
  const model = new ReadingModel();
  const memory = new PrefixMemory();
  const guess = new TokenGuess();
  const errors: EstimateError[] = [];
  let [learnt, conversations, left] = [0, 0, requests];

  const send = (previous: { start: number; end: number; conversation: number }) => {
    const goesOn = random() < traffic.followUps && previous.end + followUpCharacters.most < textCharacters;
    const start = goesOn ? previous.start : Math.floor(random() * (textCharacters - promptCharacters.most));
    const end = goesOn ? previous.end + size(followUpCharacters) : start + size(promptCharacters);
    const conversation = goesOn ? previous.conversation : ++conversations;
    const prompt = text.text.slice(start, end);
    const tokens = frameTokens + (text.tokensBefore[end] ?? 0) - (text.tokensBefore[start] ?? 0);

    const blocks = prefixBlocks(prompt, 'one owner');
    const guessed = guess.tokensOf(prompt);
    const sent = memory.send({ blocks, characters: prompt.length, tokens: guessed });
    const sentMs = agenda.nowMs;
    const reading = model.begin({ tokens: guessed, cached: sent.cached, nowMs: sentMs });
    const predictedMs = reading.at(sentMs).etaMs;
    const known = learnt;
    const shown: { atMs: number; share: number }[] = [];
    let isRead = false;
    const sample = () => {
      if (isRead) return;
      const { processed, total } = reading.at(agenda.nowMs);
      shown.push({ atMs: agenda.nowMs, share: processed / total });
      agenda.after(samplingMs, sample);
    };
    sample();
    const served: Served = {
      conversation,
      tokens,
      answer: size(answerTokens),
      cached: 0,
      processed: 0,
      written: 0,
      steps: [],
      onFirstToken: () => agenda.after(between(networkMs), onFirstToken),
      onEnd: () => agenda.after(networkMs.most, onEnd),
    };
    const onFirstToken = () => {
      isRead = true;
      reading.firstToken(agenda.nowMs);
      const tookMs = agenda.nowMs - sentMs;
      errors.push({
        learnt: known,
        firstToken: predictedMs === null ? null : Math.abs(predictedMs / tookMs - 1),
        fraction: mean(shown.map(({ atMs, share }) => Math.abs(share - shareAt(served, atMs)))),
      });
    };
    const onEnd = () => {
      reading.usage(tokens, traffic.tellsCached ? served.cached : null);
      if (traffic.tellsCached) sent.usage(served.cached);
      guess.learn(prompt, tokens);
      reading.end(agenda.nowMs);
      learnt++;
      left--;
      if (traffic.redeployedAfter === requests - left) {
        upstream.traits = { ...traffic, slowness: traffic.slowness / 2 };
        learnt = 0;
      }
      agenda.after(between(pauseMs), () => send({ start, end, conversation }));
    };
    agenda.after(between(networkMs), () => upstream.take(served));
  };

  for (let client = 0; client <= traffic.neighbours; client++)
    agenda.after(between(pauseMs), () => send({ start: 0, end: textCharacters, conversation: 0 }));
  agenda.run(() => left <= 0);
  return errors;
}

/** The share of the prompt that the upstream had read: between two steps in proportion to the time. */
function shareAt({ steps, tokens, cached }: Served, atMs: number): number {
  const after = steps.findIndex((step) => step.atMs > atMs);
  const next = steps[after];
  const last = steps[after === -1 ? steps.length - 1 : after - 1];
  if (!last) return cached / tokens;
  if (!next) return last.processed / tokens;
  const passed = (atMs - last.atMs) / (next.atMs - last.atMs);
  return (last.processed + passed * (next.processed - last.processed)) / tokens;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}
