import { isHeadwayError, type Estimate, type GenerateInput, type ModelInfo } from '@headway/client';
import { maxBodyBytes, toHeadwayError } from '@headway/protocol';

import { utf8Bytes, type TextDocument } from '../documents/text-document.ts';
import { countKey, promptLength, type Forecast, type TokenCount } from './forecast.ts';
import { forecastOf, overflowIn } from './forecast-of.ts';

/** Asks the gateway for an estimate. An abort of the signal only means that the answer is not needed. */
export type AskEstimate = (input: GenerateInput, signal: AbortSignal) => Promise<Estimate>;

interface ForecastQuestion {
  ask: AskEstimate;
  request: GenerateInput;
  documents: readonly TextDocument[];
  model: ModelInfo;
  /** The documents that are counted, by `countKey`; null where the model cannot count a text. */
  counted: ReadonlyMap<string, TokenCount | null>;
  signal: AbortSignal;
  onForecast: (forecast: Forecast) => void;
  onCount: (key: string, count: TokenCount | null) => void;
}

/** Bytes of a request that are reserved for everything but its messages. */
const envelopeBytes = 16 * 1024;

/**
 * Asks for the forecast of a prompt, then for the tokens of each document that is not counted yet, one question at a time.
 * Ends silently when the signal aborts, or when the gateway cannot answer: a forecast that is missing is no fault of the
 * message.
 */
export async function askForecast(question: ForecastQuestion): Promise<void> {
  const { ask, request, documents, model, counted, signal, onForecast, onCount } = question;
  const size = requestBytes(request);
  const maxBytes = maxBodyBytes - envelopeBytes;
  if (size > maxBytes) {
    onForecast({ state: 'too-large', bytes: size, maxBytes: maxBodyBytes });
    return;
  }
  try {
    const forecast = await forecastPrompt(question);
    signal.throwIfAborted();
    onForecast(forecast);
    for (const { id, text } of documents) {
      const key = countKey(model.id, id);
      if (counted.has(key)) continue;
      const count = await countText(text, model, (input) => ask(input, signal));
      onCount(key, count);
      signal.throwIfAborted();
    }
  } catch {
    if (!signal.aborted) onForecast({ state: 'none' });
  }
}

async function forecastPrompt({ ask, request, model, signal }: ForecastQuestion): Promise<Forecast> {
  try {
    return forecastOf(await ask(request, signal), model, request.maxTokens ?? null);
  } catch (thrown) {
    const overflow = overflowIn(toHeadwayError(thrown));
    if (!overflow) throw thrown;
    return overflow;
  }
}

/** The document alone is a raw prompt, without a chat template. */
async function countText(
  text: string,
  model: ModelInfo,
  ask: (input: GenerateInput) => Promise<Estimate>,
): Promise<TokenCount | null> {
  try {
    const { tokens } = await ask({ model: model.id, prompt: text });
    return { tokens, exact: model.remote?.capabilities.tokenCounts ?? true };
  } catch (thrown) {
    const overflow = overflowIn(toHeadwayError(thrown));
    if (overflow) return { tokens: overflow.tokens, exact: true, atLeast: overflow.atLeast };
    // Some servers take no raw prompts.
    if (isHeadwayError(thrown) && thrown.code === 'invalid-request') return null;
    throw thrown;
  }
}

/** The size of a request on the wire, or 0 for one that is short for certain: JSON has at most six bytes for a code unit. */
function requestBytes(request: GenerateInput): number {
  return promptLength(request) * 6 < maxBodyBytes / 2
    ? 0
    : utf8Bytes(JSON.stringify(request.messages ?? request.prompt));
}
