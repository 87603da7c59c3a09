import { ownedBy } from '../http/probe.ts';
import { watchQueue } from '../metrics/watch-queue.ts';
import type { Dialect } from './dialect.ts';
import { vllm } from './vllm.ts';

/**
 * SGLang: nothing on the wire tells how far it has read. Newer ones count a conversation's tokens at `tokenize`, and
 * `metrics` tells how many requests wait, where it is on. Much of it is as in vLLM.
 * See https://docs.sglang.ai/basic_usage/openai_api_completions.html
 */
export const sglang: Dialect = {
  ...vllm,
  name: 'sglang',
  tellsStopString: false,
  cachesPerOwner: false,
  fields: {
    topK: 'top_k',
    wholeTopK: -1,
    minP: 'min_p',
    repeatPenalty: 'repetition_penalty',
    ignoreEos: 'ignore_eos',
    chatTemplateKwargs: 'chat_template_kwargs',
    continueLast: { continue_final_message: true },
    format: (format) => {
      switch (format.type) {
        case 'regex':
          return { regex: format.pattern };
        case 'choice':
          return { regex: format.choices.map(escaped).join('|') };
        case 'grammar':
          return { ebnf: format.grammar };
        default:
          return format satisfies never;
      }
    },
  },
  // Newer ones answer Ollama's paths too, so this comes before Ollama.
  recognizes: (probe) => ownedBy(probe, 'sglang') || typeof probe.modelInfo.json?.['model_path'] === 'string',
  tokenizer: {
    tokenize: async (text, { beginning }, { model, json }, signal) => {
      const body = { model, prompt: text, add_special_tokens: beginning };
      const { tokens } = (await json('tokenize', { body, signal })) as { tokens: number[] };
      // It tells no texts of tokens.
      return tokens.map((id) => ({ id, piece: '', bytes: [] }));
    },
    detokenize: async (tokens, { model, json }, signal) =>
      ((await json('detokenize', { body: { model, tokens }, signal })) as { text: string }).text,
  },
  watch: (context, onSignal, signal) => watchQueue('sglang:num_queue_reqs', context, onSignal, signal),
};

/** A text as a regular expression that matches it alone. */
function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
