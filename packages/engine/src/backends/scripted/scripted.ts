import { HeadwayError, type GenerateRequest } from '@headway/protocol';

import type { Backend, LoadedModel } from '../../backend/backend.ts';
import { choiceSeed } from '../../backend/choice-seed.ts';
import { systemClock, type Clock } from '../../timing/clock.ts';
import { byteTokens, textOfBytes } from './byte-tokens.ts';
import { defaultReply, promptText, scriptedSpans, scriptedTokens, type Script } from './script.ts';
import { ScriptedSlot, type ScriptedPrompt } from './scripted-slot.ts';

export interface ScriptedOptions {
  /** The id by which requests choose the model. @default 'scripted' */
  modelId?: string;
  /** Tokens per slot, unless the engine's `contextSize` says otherwise. @default 32_768 */
  contextSize?: number;
  /** Most tokens in one chunk. @default 512 */
  maxChunk?: number;
  /**
   * Overrides parts of the default script, which prefills 2,000 and decodes 100 tokens per second and derives its reply
   * from the request. A function is called for each choice, with the choice's seed in the request (0 at temperature 0).
   */
  script?: Partial<Script> | ((request: GenerateRequest) => Partial<Script>);
  /** Loading time, in ms. The model tells ten times how much of it is loaded. @default 0 */
  loadMs?: number;
  /** Makes loading fail with this message. */
  loadError?: string;
  /** @default the system clock */
  clock?: Clock;
}

const loadSteps = 10;

/**
 * A backend without a model. It writes the text of a script at the script's speed, and fails or stalls on demand. For
 * tests, load tests and work on user interfaces. A token is a word; for `tokenize` and `detokenize` it is a byte.
 */
export function scripted({
  modelId = 'scripted',
  contextSize: ownContextSize = 32_768,
  maxChunk = 512,
  script = {},
  loadMs = 0,
  loadError,
  clock = systemClock,
}: ScriptedOptions = {}): Backend {
  return {
    name: 'scripted',
    modelId,
    async load({ parallel, contextSize, onLoad, signal }): Promise<LoadedModel> {
      for (let step = 1; loadMs > 0 && step <= loadSteps; step++) {
        await clock.sleep(loadMs / loadSteps, signal);
        onLoad?.(step / loadSteps);
      }
      if (loadError !== undefined) throw new HeadwayError('model-load-failed', loadError);
      return {
        contextSize: contextSize ?? ownContextSize,
        maxChunk,
        parameters: null,
        sizeBytes: null,
        threads: null,
        device: null,
        measuredChunks: [],
        slots: Array.from({ length: parallel }, () => new ScriptedSlot(clock)),
        async prepare(request): Promise<ScriptedPrompt> {
          const tokens = scriptedTokens(promptText(request));
          const scripts = Array.from({ length: request.choices }, (_, choice) =>
            scriptOf(
              { ...request, seed: request.temperature === 0 ? 0 : choiceSeed(request.seed ?? 0, choice) },
              script,
            ),
          );
          const spans = request.spans?.length ? scriptedSpans(request, tokens) : undefined;
          return { request, total: tokens.length, prefillEnd: tokens.length - 1, tokens, scripts, spans };
        },
        applyTemplate: async (request) => promptText(request),
        tokenize: async (text) => byteTokens(text),
        detokenize: async (tokens) => textOfBytes(tokens),
        dispose: async () => undefined,
      };
    },
  };
}

function scriptOf(request: GenerateRequest, script: NonNullable<ScriptedOptions['script']>): Script {
  const own = typeof script === 'function' ? script(request) : script;
  return {
    reply: own.reply ?? defaultReply(request),
    reasoning: '',
    toolCalls: [],
    prefillTokensPerSecond: 2000,
    decodeTokensPerSecond: 100,
    fault: null,
    ...own,
  };
}
