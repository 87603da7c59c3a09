import type { Site } from './dialect.ts';
import { now } from './text-forms.ts';

/** The defaults that `/props` and `/slots` show. */
export function samplingParams() {
  return {
    seed: 4_294_967_295,
    temperature: 0.800000011920929,
    dynatemp_range: 0,
    dynatemp_exponent: 1,
    top_k: 40,
    top_p: 0.949999988079071,
    min_p: 0.05000000074505806,
    top_n_sigma: -1,
    xtc_probability: 0,
    xtc_threshold: 0.10000000149011612,
    typical_p: 1,
    repeat_last_n: 64,
    repeat_penalty: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    dry_multiplier: 0,
    dry_base: 1.75,
    dry_allowed_length: 2,
    dry_penalty_last_n: 64,
    mirostat: 0,
    mirostat_tau: 5,
    mirostat_eta: 0.10000000149011612,
    adaptive_target: -1,
    adaptive_decay: 0.8999999761581421,
    max_tokens: -1,
    n_predict: -1,
    n_keep: 0,
    n_discard: 0,
    ignore_eos: false,
    stream: false,
    n_probs: 0,
    min_keep: 0,
    chat_format: 'Content-only',
    reasoning_format: 'none',
    reasoning_in_content: false,
    generation_prompt: '',
    samplers: ['penalties', 'dry', 'top_n_sigma', 'top_k', 'typ_p', 'top_p', 'min_p', 'xtc', 'temperature'],
    'speculative.types': 'none',
    timings_per_token: false,
    post_sampling_probs: false,
    backend_sampling: false,
    lora: [],
  };
}

/** A loaded model, as its own server lists it. */
export function loadedModel(site: Site, id: string) {
  return {
    id,
    aliases: [id],
    tags: [],
    object: 'model',
    created: now(),
    owned_by: 'llamacpp',
    meta: modelMeta(site),
  };
}

function modelMeta(site: Site) {
  return {
    vocab_type: 2,
    n_vocab: 6_400,
    n_ctx: site.engine.contextSize,
    n_ctx_train: 32_768,
    n_embd: 512,
    n_params: 25_829_888,
    size: 27_469_824,
    ftype: 'Q8_0',
  };
}

/** A model in the list of a router. */
export function listedModel(site: Site, id: string) {
  const { state } = site.models.stateOf(id);
  const size = String(site.engine.contextSize);
  return {
    id,
    aliases: [],
    tags: [],
    object: 'model',
    owned_by: 'llamacpp',
    created: now(),
    status: {
      value: state,
      args: ['llama-server', '--host', '127.0.0.1', '--port', '0', '--alias', id, '--ctx-size', size],
      preset: `[${id}]\nctx-size = ${size}\n\n`,
    },
    architecture: { input_modalities: ['text'], output_modalities: ['text'] },
    source: 'models_dir',
    can_remove: false,
    ...(state === 'loaded' && { meta: modelMeta(site) }),
  };
}
