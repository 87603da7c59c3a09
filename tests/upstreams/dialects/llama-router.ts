import type { ModelChange } from '../engine/models.ts';
import type { Answer, Asked, Dialect, Piece, Route, Site } from './dialect.ts';
import { loadedModel } from './llama-settings.ts';
import { asRecord } from './openai-request.ts';
import { sse } from './text-forms.ts';

/**
 * What llama-server's router adds, from recordings of it. The first event of a load is `model_status`, all later ones are
 * `status_change`, although its manual calls them all `model_status`.
 */
export function routerRoutes(
  site: Site,
  refuse: Dialect['refuse'],
  /** The paths of the server of a model. */
  own: Record<string, Route>,
): Record<string, Route> {
  const named = (asked: Asked, act: (id: string) => void) => {
    const id = asRecord(asked.body)?.model;
    if (typeof id !== 'string' || !site.models.has(id)) return refuse({ status: 400, message: 'model is not found' });
    act(id);
    return { status: 200, body: { success: true } };
  };
  return {
    'GET /props': {
      handle: async (asked) => (await ofModel(site, own, asked)) ?? { status: 200, body: routerProps },
    },
    'GET /slots': { handle: async (asked) => (await ofModel(site, own, asked)) ?? noModel(refuse) },
    'GET /metrics': { handle: async (asked) => (await ofModel(site, own, asked)) ?? noModel(refuse) },
    'GET /models/sse': {
      handle: ({ signal }) => ({
        contentType: 'text/event-stream',
        headers: { 'X-Accel-Buffering': 'no' },
        headersAtOnce: true,
        pieces: events(site, signal),
      }),
    },
    'POST /models/load': {
      // The load goes on when the request has ended.
      handle: (asked) => named(asked, (id) => void site.models.ensure(id, new AbortController().signal)),
    },
    'POST /models/unload': { handle: (asked) => named(asked, (id) => site.models.unload(id)) },
  };
}

const routerProps = {
  role: 'router',
  max_instances: 4,
  models_autoload: true,
  model_alias: 'llama-server',
  model_path: 'none',
  default_generation_settings: { params: null, n_ctx: 0 },
  ui_settings: {},
  build_info: 'b1-de3ff81',
  cors_proxy_enabled: false,
};

function noModel(refuse: Dialect['refuse']) {
  return refuse({ status: 400, message: 'model name is missing from the request' });
}

/** The answer of the server of the model in the query, which is loaded first. */
async function ofModel(site: Site, own: Record<string, Route>, asked: Asked): Promise<Answer | null> {
  const id = new URLSearchParams(asked.query).get('model');
  if (id === null || !site.models.has(id)) return null;
  await site.models.ensure(id, asked.signal);
  return (await own[`${asked.method} ${asked.path}`]?.handle(asked)) ?? null;
}

async function* events(site: Site, signal: AbortSignal): AsyncGenerator<Piece> {
  for await (const change of site.models.changes(signal)) {
    for (const event of eventsOf(site, change)) yield { text: sse({ model: change.id, ...event }) };
  }
}

function eventsOf(site: Site, { id, state, share }: ModelChange) {
  const changed = (data: object) => ({ event: 'status_change', data });
  const stage = { stages: ['text_model'], current: 'text_model' };
  const loading = changed({ status: 'loading', progress: { ...stage, value: share } });
  switch (state) {
    case 'loading':
      return share > 0 ? [loading] : [{ event: 'model_status', data: { status: 'loading' } }, loading];
    case 'loaded':
      return [loading, changed({ status: 'loaded', info: loadedModel(site, id) })];
    case 'unloaded':
      return [changed({ status: 'unloaded', exit_code: 0 })];
    default:
      return state satisfies never;
  }
}
