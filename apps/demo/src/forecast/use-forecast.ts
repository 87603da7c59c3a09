import type { GenerateInput, HeadwayClient, ModelInfo } from '@headway/client';
import { useEffect, useMemo, useRef, useState } from 'react';

import type { TextDocument } from '../documents/text-document.ts';
import { askForecast, type AskEstimate } from './ask-forecast.ts';
import { countKey, delayMs, outdated, promptLength, type Forecast, type TokenCount } from './forecast.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { whenVisible } from './when-visible.ts';

/** Characters of a prompt that is asked for less often. */
const longPrompt = 200_000;

interface ForecastOptions {
  /** The request that Send would make; null when there is nothing to send. The same object until its content changes. */
  request: GenerateInput | null;
  documents: readonly TextDocument[];
  /** The model of the request; undefined while unknown. */
  model: ModelInfo | undefined;
  /** What else the forecast depends on, such as how many requests run. */
  occasion?: unknown;
}

export interface PromptForecast {
  forecast: Forecast;
  /** The tokens of each document that is counted, by its id. */
  documentTokens: ReadonlyMap<string, TokenCount>;
}

/**
 * Forecasts the next request while the user writes it. It asks when the content has stayed the same for a moment, one
 * question at a time, and only a model that is loaded, since a question would load it.
 */
export function useForecast(client: HeadwayClient, options: ForecastOptions): PromptForecast {
  const { request, documents, model, occasion } = options;
  const [known, setKnown] = useState<{ request: GenerateInput; forecast: Forecast } | null>(null);
  const [counts, setCounts] = useState<ReadonlyMap<string, TokenCount | null>>(new Map());
  // Another chat's forecast says nothing about the next prompt.
  if (!request && known) setKnown(null);
  const ask = useMemo((): AskEstimate => {
    const inTurn = oneAtATime();
    return (input, signal) => inTurn(() => client.estimate(input), signal);
  }, [client]);
  const latest = useRef({ documents, model, counts });
  useEffect(() => {
    latest.current = { documents, model, counts };
  });

  const { id, state, contextSize } = model ?? {};
  // A long prompt is sent again only for its own changes.
  const load = request && promptLength(request) < longPrompt ? occasion : undefined;
  useEffect(() => {
    if (!request || state !== 'ready') return;
    const stop = new AbortController();
    const begin = () => {
      const { documents, model, counts: counted } = latest.current;
      if (!model) return;
      void askForecast({
        ask,
        request,
        documents,
        model,
        counted,
        signal: stop.signal,
        onForecast: (forecast) => setKnown({ request, forecast }),
        onCount: (key, count) => setCounts((before) => new Map(before).set(key, count)),
      });
    };
    // Pages in the background would ask each time that another request begins or ends.
    const beginWhenShown = () => whenVisible(begin, stop.signal, document);
    const timer = setTimeout(beginWhenShown, delayMs(promptLength(request)));
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [ask, request, id, state, contextSize, load]);

  const documentTokens = useMemo(() => {
    const tokens = new Map<string, TokenCount>();
    for (const document of documents) {
      const count = id === undefined ? null : counts.get(countKey(id, document.id));
      if (count) tokens.set(document.id, count);
    }
    return tokens;
  }, [documents, counts, id]);

  if (!request || state !== 'ready') return { forecast: { state: 'none' }, documentTokens };
  if (!known) return { forecast: { state: 'counting' }, documentTokens };
  if (known.request === request) return { forecast: known.forecast, documentTokens };
  const grew = promptLength(request) >= promptLength(known.request);
  return { forecast: outdated(known.forecast, { grew }), documentTokens };
}
