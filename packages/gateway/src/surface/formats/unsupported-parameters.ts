import { fieldError, type Issue } from '@headway/protocol';

import { penalizesNothing } from '../sampling/sampling-request.ts';
import { samplingNames, type SamplingApi } from '../sampling/sampling-table.ts';
import { formatFields } from './asked-format.ts';

type Body = Readonly<Record<string, unknown>>;

interface Parameter {
  /** Whether the answer is the same with this value as without the parameter. */
  changesNothing: (value: unknown, body: Body, api: SamplingApi) => boolean;
  /** The error message for other values. */
  remedy: string;
}

const leaveOut = 'is not supported; leave it out';
const is =
  (...values: unknown[]) =>
  (value: unknown) =>
    values.includes(value);
const atMost = (most: number) => (value: unknown) => typeof value === 'number' && value <= most;
const atLeast = (least: number) => (value: unknown) => typeof value === 'number' && value >= least;
const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;

/** Headway's samplers in the order in which it applies them, and llama.cpp's letters for them. */
const samplers = ['top_k', 'top_p', 'min_p', 'temperature'];
const letters: Readonly<Record<string, string>> = { k: 'top_k', p: 'top_p', m: 'min_p', t: 'temperature' };

function isOwnOrder(value: unknown): boolean {
  const names: unknown[] =
    typeof value === 'string' ? Array.from(value, (letter) => letters[letter]) : Array.isArray(value) ? value : [];
  const own = names.filter((name) => samplers.includes(String(name)));
  return own.join() === samplers.join();
}

function lastRole({ messages }: Body): unknown {
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  return typeof last === 'object' && last !== null && 'role' in last ? last.role : undefined;
}

const isPrefilled = (body: Body) => lastRole(body) === 'assistant';

/** Parameters of llama.cpp's server and of vLLM that change an answer, for all APIs. */
const everywhere: Readonly<Record<string, Parameter>> = {
  // llama.cpp's samplers.
  mirostat: { changesNothing: is(0), remedy: leaveOut },
  dynatemp_range: { changesNothing: atMost(0), remedy: leaveOut },
  typical_p: { changesNothing: atLeast(1), remedy: leaveOut },
  tfs_z: { changesNothing: atLeast(1), remedy: leaveOut },
  top_n_sigma: { changesNothing: atMost(0), remedy: leaveOut },
  xtc_probability: {
    changesNothing: (value, { xtc_threshold }) => atMost(0)(value) || Number(xtc_threshold ?? 0) > 0.5,
    remedy: leaveOut,
  },
  dry_multiplier: { changesNothing: is(0), remedy: leaveOut },
  adaptive_target: { changesNothing: (value) => typeof value === 'number' && value < 0, remedy: leaveOut },
  min_keep: { changesNothing: atMost(1), remedy: leaveOut },
  samplers: {
    changesNothing: isOwnOrder,
    remedy: `must list ${samplers.join(', ')} in this order; turn one off by its own field (top_k 0, top_p 1, min_p 0)`,
  },
  repeat_last_n: {
    changesNothing: (value, body) => value === 64 || value === 0 || penalizesNothing(body),
    remedy: 'must be 64, the tokens that penalties look back on, or 0; leave it out',
  },
  // llama.cpp's other parameters.
  n_indent: { changesNothing: is(0), remedy: leaveOut },
  t_max_predict_ms: { changesNothing: atMost(0), remedy: 'is not supported; send max_tokens' },
  n_probs: { changesNothing: is(0), remedy: 'is not supported; send logprobs' },
  n_cmpl: { changesNothing: (value, { n }) => value === (n ?? 1), remedy: 'is not supported; send n' },
  lora: {
    changesNothing: (value) =>
      Array.isArray(value) && value.every((one: { scale?: unknown } | null) => one?.scale === 0),
    remedy: 'is not supported; serve a model that has the adapter merged in',
  },
  reasoning_format: {
    changesNothing: is('auto', 'deepseek'),
    remedy: 'must be "auto"; the answer has its reasoning in reasoning_content',
  },
  reasoning_budget_tokens: { changesNothing: atMost(-1), remedy: 'is not supported; send reasoning_effort' },
  thinking_budget_tokens: { changesNothing: atMost(-1), remedy: 'is not supported; send reasoning_effort' },
  parse_tool_calls: {
    changesNothing: (value, { tools }) => value === true || !Array.isArray(tools) || tools.length === 0,
    remedy: 'must be true; the answer has its calls in tool_calls',
  },
  // vLLM's.
  use_beam_search: { changesNothing: is(false), remedy: leaveOut },
  stop_token_ids: { changesNothing: isEmpty, remedy: 'is not supported; send their texts as stop' },
  include_stop_str_in_output: {
    changesNothing: (value, body, api) => {
      const stop = body[samplingNames(api)['stop'] ?? ''] ?? null;
      return value === false || stop === null || isEmpty(stop);
    },
    remedy: 'is not supported; add the stop string to the text',
  },
  min_tokens: { changesNothing: atMost(0), remedy: leaveOut },
  skip_special_tokens: { changesNothing: is(true), remedy: 'must be true; leave it out' },
  truncate_prompt_tokens: { changesNothing: is(), remedy: 'is not supported; shorten the prompt' },
  prompt_logprobs: { changesNothing: is(), remedy: leaveOut },
  allowed_token_ids: { changesNothing: is(), remedy: 'is not supported; send logit_bias, or a grammar' },
  bad_words: { changesNothing: isEmpty, remedy: 'is not supported; send logit_bias' },
  logits_processors: { changesNothing: isEmpty, remedy: leaveOut },
  thinking_token_budget: { changesNothing: atMost(-1), remedy: 'is not supported; send reasoning_effort' },
  return_tokens_as_token_ids: { changesNothing: is(false), remedy: leaveOut },
};

const ofChat: Readonly<Record<string, Parameter>> = {
  best_of: { changesNothing: (value, { n }) => value === 1 || value === (n ?? 1), remedy: 'is not supported; send n' },
  echo: { changesNothing: is(false), remedy: leaveOut },
  add_special_tokens: { changesNothing: is(false), remedy: 'must be false; the template adds the special tokens' },
  // Other values of these two have an effect and are supported.
  add_generation_prompt: {
    changesNothing: (value, body) => value !== true || !isPrefilled(body),
    remedy: "must be false after a last message of the assistant's, which the model continues; leave it out",
  },
  continue_final_message: {
    changesNothing: (value, body) => value !== false || !isPrefilled(body),
    remedy: "must be true after a last message of the assistant's, which the model continues; leave it out",
  },
  chat_template: { changesNothing: is(''), remedy: "is not supported; leave it out to use the model's own template" },
  documents: { changesNothing: isEmpty, remedy: 'is not supported; send it in chat_template_kwargs' },
  modalities: {
    changesNothing: (value) => Array.isArray(value) && value.every((one) => one === 'text'),
    remedy: 'must be ["text"]; this model writes text only',
  },
};

const ofCompletions: Readonly<Record<string, Parameter>> = {
  add_special_tokens: { changesNothing: is(true), remedy: 'must be true; leave it out' },
};

/** The fields of other APIs that set a format. */
const otherFormats = (remedy: string): Readonly<Record<string, Parameter>> =>
  Object.fromEntries(
    Object.keys(formatFields).map((name) => [
      name,
      { changesNothing: is('', false), remedy: `is not supported by this API; ${remedy}` },
    ]),
  );

/** llama.cpp's name for the limit that this API calls `field`. */
const otherLimit = (field: string): Readonly<Record<string, Parameter>> => ({
  n_predict: { changesNothing: is(-1), remedy: `is not supported by this API; send ${field}` },
});

const tables: Readonly<Record<SamplingApi, Readonly<Record<string, Parameter>>>> = {
  chat: { ...everywhere, ...ofChat },
  completions: { ...everywhere, ...ofCompletions },
  responses: { ...everywhere, ...otherFormats('send text.format'), ...otherLimit('max_output_tokens') },
  messages: { ...everywhere, ...otherFormats('send output_config.format'), ...otherLimit('max_tokens') },
};

/**
 * Refuses unsupported parameters that would change the answer, since without them the client would get another answer than
 * it asked for. It accepts null and values without an effect, which many clients send.
 *
 * @throws HeadwayError `invalid-request` with an issue for each parameter
 */
export function refuseUnsupported(body: unknown, api: SamplingApi): void {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
  const request = body as Body;
  const table = tables[api];
  const issues = Object.entries(request).flatMap(([name, value]): Issue[] => {
    const parameter = Object.hasOwn(table, name) ? table[name] : undefined;
    const isTaken =
      !parameter || value === undefined || value === null || parameter.changesNothing(value, request, api);
    return isTaken ? [] : [{ path: [name], message: parameter.remedy }];
  });
  if (issues.length > 0) throw fieldError(issues);
}
