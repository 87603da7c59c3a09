import { describe, expect, test } from 'vitest';

import { refuseUnsupported } from './unsupported-parameters.ts';

const assistant = { messages: [{ role: 'user', content: 'x' }, { role: 'assistant', content: 'y' }] }; // prettier-ignore

describe('refuseUnsupported accepts a value without an effect and refuses another of', () => {
  test.each<[string, object, object]>([
    ['mirostat', { mirostat: 0, mirostat_tau: 5 }, { mirostat: 2 }],
    ['dynatemp_range', { dynatemp_range: 0, dynatemp_exponent: 2 }, { dynatemp_range: 0.5 }],
    ['typical_p', { typical_p: 1 }, { typical_p: 0.9 }],
    ['tfs_z', { tfs_z: 1 }, { tfs_z: 0.5 }],
    ['top_n_sigma', { top_n_sigma: -1 }, { top_n_sigma: 1 }],
    ['xtc_probability', { xtc_probability: 0.5, xtc_threshold: 0.6 }, { xtc_probability: 0.5, xtc_threshold: 0.1 }],
    ['dry_multiplier', { dry_multiplier: 0, dry_base: 1.75 }, { dry_multiplier: 0.8 }],
    ['adaptive_target', { adaptive_target: -1 }, { adaptive_target: 0.5 }],
    ['min_keep', { min_keep: 1 }, { min_keep: 2 }],
    [
      'samplers',
      { samplers: ['dry', 'top_k', 'typ_p', 'top_p', 'min_p', 'temperature'] },
      { samplers: ['temperature', 'top_k', 'top_p', 'min_p'] },
    ],
    ['samplers', { samplers: 'edskypmxt' }, { samplers: 'tkpm' }],
    ['repeat_last_n', { repeat_last_n: 256, repeat_penalty: 1 }, { repeat_last_n: 256, repeat_penalty: 1.1 }],
    ['n_indent', { n_indent: 0 }, { n_indent: 4 }],
    ['t_max_predict_ms', { t_max_predict_ms: -1 }, { t_max_predict_ms: 100 }],
    ['n_probs', { n_probs: 0 }, { n_probs: 5 }],
    ['n_cmpl', { n_cmpl: 2, n: 2 }, { n_cmpl: 2 }],
    ['lora', { lora: [{ id: 0, scale: 0 }] }, { lora: [{ id: 0, scale: 1 }] }],
    ['reasoning_format', { reasoning_format: 'auto' }, { reasoning_format: 'none' }],
    ['reasoning_budget_tokens', { reasoning_budget_tokens: -1 }, { reasoning_budget_tokens: 0 }],
    ['parse_tool_calls', { parse_tool_calls: false }, { parse_tool_calls: false, tools: [{}] }],
    ['use_beam_search', { use_beam_search: false, length_penalty: 2 }, { use_beam_search: true }],
    ['stop_token_ids', { stop_token_ids: [] }, { stop_token_ids: [2] }],
    [
      'include_stop_str_in_output',
      { include_stop_str_in_output: true },
      { include_stop_str_in_output: true, stop: ['x'] },
    ],
    ['min_tokens', { min_tokens: 0 }, { min_tokens: 5 }],
    ['skip_special_tokens', { skip_special_tokens: true }, { skip_special_tokens: false }],
    ['truncate_prompt_tokens', { truncate_prompt_tokens: null }, { truncate_prompt_tokens: 100 }],
    ['prompt_logprobs', { prompt_logprobs: null }, { prompt_logprobs: 1 }],
    ['allowed_token_ids', { allowed_token_ids: null }, { allowed_token_ids: [1] }],
    ['bad_words', { bad_words: [] }, { bad_words: ['x'] }],
    ['best_of', { best_of: 1 }, { best_of: 3 }],
    ['echo', { echo: false }, { echo: true }],
    ['add_special_tokens', { add_special_tokens: false }, { add_special_tokens: true }],
    [
      'add_generation_prompt',
      { ...assistant, add_generation_prompt: false },
      { ...assistant, add_generation_prompt: true },
    ],
    [
      'continue_final_message',
      { ...assistant, continue_final_message: true },
      { ...assistant, continue_final_message: false },
    ],
    ['chat_template', { chat_template: null }, { chat_template: '{{ messages }}' }],
    ['documents', { documents: [] }, { documents: [{ text: 'x' }] }],
    ['modalities', { modalities: ['text'] }, { modalities: ['text', 'audio'] }],
  ])('%s', (name, taken, refused) => {
    expect(() => refuseUnsupported(taken, 'chat')).not.toThrow();
    expect(() => refuseUnsupported(refused, 'chat')).toThrow(new RegExp(`^${name}: `));
  });
});

test('include_stop_str_in_output is accepted in Messages without stop_sequences only', () => {
  const asked = { include_stop_str_in_output: true };
  expect(() => refuseUnsupported(asked, 'messages')).not.toThrow();
  expect(() => refuseUnsupported({ ...asked, stop_sequences: ['x'] }, 'messages')).toThrow(/^include_stop_str/);
});

test('include_stop_str_in_output goes by the stop field of its API, whatever other APIs call theirs', () => {
  const asked = { include_stop_str_in_output: true };
  expect(() => refuseUnsupported({ ...asked, stop: ['x'], stop_sequences: [] }, 'chat')).toThrow(/^include_stop_str/);
  expect(() => refuseUnsupported({ ...asked, stop: ['x'] }, 'messages')).not.toThrow();
});

test('refuseUnsupported ignores unknown parameters and those that do not change the text', () => {
  const ignored = {
    n_keep: 4,
    id_slot: 1,
    n_cache_reuse: 256,
    return_tokens: true,
    response_fields: ['x'],
    keep_alive: 5,
  };
  for (const api of ['chat', 'completions', 'responses', 'messages'] as const) {
    expect(() => refuseUnsupported({ ...ignored, tomorrow: {}, constructor: 1 }, api)).not.toThrow();
  }
});

test('the error names every unsupported parameter', () => {
  expect(() => refuseUnsupported({ mirostat: 1, min_tokens: 5 }, 'completions')).toThrow(/^mirostat: .*; min_tokens: /);
});

test("refuseUnsupported refuses another API's format field and names this API's", () => {
  expect(() => refuseUnsupported({ grammar: 'root ::= "x"' }, 'responses')).toThrow(/^grammar: .*send text\.format/);
  expect(() => refuseUnsupported({ response_format: {} }, 'messages')).toThrow(/^response_format: .*output_config/);
  expect(() => refuseUnsupported({ grammar: '', guided_choice: null }, 'messages')).not.toThrow();
});
