import type { Engine } from '@headway/engine';
import type { GenerationInfo, ModelInfo } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import type { GenerationRegistry } from '../../../generations/generation-registry.ts';
import { llamaDefaults } from '../../../surface/sampling/sampling-table.ts';

export interface PropsRoutesOptions {
  engine: Engine;
  generations: Pick<GenerationRegistry, 'list'>;
  version: string;
}

/**
 * llama.cpp's `GET /props` and `GET /slots`, for the default model. A busy slot shows only to the caller whose request
 * it runs; to other callers it looks idle.
 */
export function registerPropsRoutes(app: FastifyInstance, { engine, generations, version }: PropsRoutesOptions): void {
  for (const root of ['', '/v1']) {
    app.get(`${root}/props`, async () => {
      const [model] = await engine.models();
      return {
        default_generation_settings: { ...slotOf(0, model), params: llamaDefaults() },
        total_slots: model?.slots ?? 0,
        model_alias: model?.id ?? '',
        model_path: model?.id ?? '',
        modalities: { vision: false, audio: false },
        build_info: `headway ${version}`,
      };
    });
    app.get(`${root}/slots`, async ({ caller }) => {
      const [model] = await engine.models();
      const busy = generations.list(caller).filter((one) => isAtWork(one) && one.model === model?.id);
      return Array.from({ length: model?.slots ?? 0 }, (_, id) => slotOf(id, model, busy[id]));
    });
  }
}

function isAtWork({ state }: GenerationInfo): boolean {
  return state === 'prefill' || state === 'decode';
}

function slotOf(id: number, model: ModelInfo | undefined, generation?: GenerationInfo): object {
  return {
    id,
    n_ctx: model?.contextSize ?? 0,
    speculative: false,
    is_processing: generation !== undefined,
    ...(generation && {
      generation_id: generation.id,
      n_prompt_tokens: generation.total ?? 0,
      n_prompt_tokens_processed: generation.processed ?? 0,
      n_prompt_tokens_cache: generation.cached ?? 0,
      next_token: [{ has_next_token: true, n_remain: -1, n_decoded: generation.completionTokens }],
    }),
  };
}
