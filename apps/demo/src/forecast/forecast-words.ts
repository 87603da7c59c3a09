import { about, approximateDown, approximateUp } from '../words/approximate.ts';
import { bytes, count, timeToGo } from '../words/quantities.ts';
import { shortenMiddle } from '../words/shorten-middle.ts';
import type { FittingPrompt, Forecast, OverflowingPrompt, TokenCount } from './forecast.ts';

/** Less room than this for an answer is told. */
const fewTokens = 128;

/** The meter's text: `3,021 of 8,192`. Null when there is nothing to tell. */
export function meterText(forecast: Forecast): string | null {
  switch (forecast.state) {
    case 'none':
      return null;
    case 'counting':
      return 'Counting tokens';
    case 'too-large':
      return 'Too large to send';
    case 'over': {
      const tokens = forecast.atLeast
        ? `over ${count(approximateDown(forecast.tokens))}`
        : about(forecast.tokens, forecast.exact);
      return `${tokens} of ${count(forecast.contextSize)}`;
    }
    case 'fits': {
      const tokens = about(forecast.tokens, forecast.exact);
      return forecast.contextSize === null ? `${tokens} tokens` : `${tokens} of ${count(forecast.contextSize)}`;
    }
    default:
      return forecast satisfies never;
  }
}

/** The meter's name for screen readers, with the time that a glance at the panel would tell. */
export function meterLabel(forecast: Forecast): string {
  const text = meterText(forecast) ?? '';
  if (forecast.state !== 'fits' && forecast.state !== 'over') return text;
  const unit = forecast.contextSize === null ? '' : ' tokens of context';
  const time = forecast.state === 'fits' ? readingTime(forecast) : null;
  return [`Prompt: ${text}${unit}`, time !== null && `${time} to read`].filter(Boolean).join(', ');
}

/** Shares of the context, from 0 to 1: cached, still to read, and what the answer may take. Null without a context. */
export function meterParts(forecast: Forecast): { cached: number; fresh: number; answer: number } | null {
  if (forecast.state === 'over') return { cached: 0, fresh: 1, answer: 0 };
  if (forecast.state !== 'fits' || forecast.contextSize === null || forecast.room === null) return null;
  const { tokens, contextSize, room, maxTokens } = forecast;
  const cached = Math.min(forecast.cached ?? 0, tokens);
  return {
    cached: cached / contextSize,
    fresh: (tokens - cached) / contextSize,
    answer: Math.min(maxTokens ?? 0, room) / contextSize,
  };
}

/** The meter's details, as names and values. */
export function forecastFacts(forecast: FittingPrompt): [name: string, value: string][] {
  const { tokens, exact, cached, queuePosition, room, maxTokens, contextSize } = forecast;
  const time = readingTime(forecast);
  const facts: [string, string | null][] = [
    ['Whole prompt', `${about(tokens, exact)} tokens`],
    ['From cache', cached === null ? null : cached === 0 ? 'nothing' : `${about(cached, exact)} tokens`],
    ['To read', cached === null ? null : `${about(tokens - cached, exact)} tokens`],
    ['Reading time', time],
    ['Queue', queuePosition === null ? null : `place ${count(queuePosition)} if sent now`],
    ['Room for the answer', room === null ? null : answerRoom(room, exact, maxTokens)],
    ['Context of the model', contextSize === null ? 'not told by its server' : `${count(contextSize)} tokens`],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as [string, string]]));
}

interface Surroundings {
  /** The attached documents, as far as they are counted. */
  documents: readonly { name: string; count: TokenCount | undefined }[];
  hasHistory: boolean;
}

/** Why a prompt does not fit, and what to do. */
export function overflowWords(overflow: OverflowingPrompt, { documents, hasHistory }: Surroundings): string {
  const { guessed, atLeast, contextSize } = overflow;
  // Where the engine stopped counting, the documents may tell more.
  const ofDocuments = documents.reduce((sum, { count: counted }) => sum + (counted?.tokens ?? 0), 0);
  const over = atLeast ? Math.max(overflow.over, ofDocuments - contextSize) : overflow.over;
  const amount = `${atLeast ? 'at least' : 'about'} ${count(approximateUp(over))}`;
  const fault = `This is ${amount} tokens more than the model’s ${count(contextSize)}${guessed ? ', by a guess' : ''}.`;
  const orNew = hasHistory ? ', or start a new chat' : '';
  if (documents.length === 0) return `${fault} Shorten the message${orNew}.`;
  if (documents.length === 1) return `${fault} Attach a part of the document${orNew}.`;
  const name = leastEnough(documents, over);
  if (name === null) return `${fault} Remove documents${orNew}.`;
  const fits = atLeast || guessed ? 'it may fit' : 'it fits';
  return `${fault} Without “${shortenMiddle(name, 40)}” ${fits}; or shorten the message${orNew}.`;
}

/** The shortest document whose removal is enough; null if none is, or none is counted. */
function leastEnough(documents: Surroundings['documents'], over: number): string | null {
  const enough = documents.flatMap(({ name, count: counted }) =>
    counted && counted.tokens >= over ? [{ name, tokens: counted.tokens }] : [],
  );
  return enough.toSorted((a, b) => a.tokens - b.tokens)[0]?.name ?? null;
}

/** That little is left for the answer; null if there is enough. */
export function tightWords(forecast: Forecast): string | null {
  if (forecast.state !== 'fits' || forecast.room === null || forecast.guessed) return null;
  if (forecast.room >= Math.min(fewTokens, forecast.maxTokens ?? fewTokens)) return null;
  return `The answer will be cut off: only ${about(forecast.room, forecast.exact)} tokens of the context are left for it.`;
}

/** That the request is larger than the gateway takes. */
export function tooLargeWords(
  { bytes: size, maxBytes }: { bytes: number; maxBytes: number },
  hasHistory: boolean,
): string {
  const remedies = hasHistory ? 'Start a new chat or attach less.' : 'Attach less.';
  return `This chat has ${bytes(size)}, and a request can have ${bytes(maxBytes)}. ${remedies}`;
}

/** `about 1,200 tokens`, for a document. Its tokens in the prompt may differ by one or two from those of its text alone. */
export function documentTokensText({ tokens, atLeast }: TokenCount): string {
  if (atLeast) return `over ${count(approximateDown(tokens))} tokens`;
  return tokens === 1 ? '1 token' : `${about(tokens, tokens < 100)} tokens`;
}

/** `11 s to read`, where the wait is worth a word. */
export function meterTime(forecast: Forecast): string | null {
  if (forecast.state !== 'fits' || forecast.prefillMs === null || forecast.prefillMs < 1000) return null;
  return `${timeToGo(forecast.prefillMs)} to read`;
}

function readingTime({ prefillMs }: FittingPrompt): string | null {
  return prefillMs === null ? null : `about ${timeToGo(prefillMs)}`;
}

function answerRoom(room: number, exact: boolean, maxTokens: number | null): string {
  const words = `${about(room, exact)} tokens`;
  return maxTokens !== null && maxTokens < room ? `${words}, of which it may take ${count(maxTokens)}` : words;
}
