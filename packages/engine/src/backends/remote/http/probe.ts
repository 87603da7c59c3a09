import { failureOfAnswer } from './upstream-error.ts';
import type { Answer, UpstreamHttp } from './upstream-http.ts';

/** One answer to a probe: null for a path that answers no JSON. */
export interface ProbeAnswer {
  /** 0 where the question was not asked. */
  status: number;
  /** The `Server` header. */
  server: string;
  json: Record<string, unknown> | null;
  text: string;
}

/** What a server answers to the questions by which dialects are told apart. */
export interface Probe {
  models: ProbeAnswer;
  props: ProbeAnswer;
  modelInfo: ProbeAnswer;
  version: ProbeAnswer;
  ollamaVersion: ProbeAnswer;
  ollamaRunning: ProbeAnswer;
  lmStudioModels: ProbeAnswer;
  exoState: ProbeAnswer;
  health: ProbeAnswer;
  headwayStatus: ProbeAnswer;
}

const paths = {
  models: 'v1/models',
  props: 'props',
  modelInfo: 'get_model_info',
  version: 'version',
  ollamaVersion: 'api/version',
  ollamaRunning: 'api/ps',
  lmStudioModels: 'api/v1/models',
  exoState: 'state',
  health: 'health',
  headwayStatus: 'trpc/status',
} as const satisfies Record<keyof Probe, string>;

/** What else is asked where the owner of the models tells the kind of server already. @default everything */
const askedOf: Readonly<Record<string, readonly (keyof Probe)[]>> = {
  llamacpp: ['props'],
  vllm: [],
  sglang: [],
  exo: ['exoState'],
  organization_owner: ['lmStudioModels'],
};

const unasked: ProbeAnswer = { status: 0, server: '', json: null, text: '' };

/** The most characters of an answer that are read. */
const longest = 4_000_000;

/**
 * Asks the questions, one after another on one connection.
 *
 * @throws UpstreamFailure when the key is refused; the error of the connection; the signal's reason
 */
export async function probe(http: UpstreamHttp, signal: AbortSignal): Promise<Probe> {
  const models = await http.ask(paths.models, { signal });
  if (models.status === 401 || models.status === 403) throw await failureOfAnswer(models, http);
  const answers = Object.fromEntries(Object.keys(paths).map((name) => [name, unasked])) as unknown as Probe;
  answers.models = await read(models);
  const owner = Object.keys(askedOf).find((one) => ownedBy(answers, one)) ?? '';
  for (const name of askedOf[owner] ?? (Object.keys(paths) as (keyof Probe)[])) {
    if (name !== 'models') answers[name] = await read(await http.ask(paths[name], { signal }));
  }
  return answers;
}

async function read(answer: Answer): Promise<ProbeAnswer> {
  const text = await answer.text(longest);
  return { status: answer.status, server: answer.header('server') ?? '', json: objectOf(text), text };
}

function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** The models of `v1/models`. */
export function listedModels({ models }: Probe): Record<string, unknown>[] {
  const data = models.status === 200 ? models.json?.['data'] : undefined;
  if (!Array.isArray(data)) return [];
  return data.filter((one): one is Record<string, unknown> => typeof one === 'object' && one !== null && 'id' in one);
}

/** Whether any listed model is owned by one of these. */
export function ownedBy(probed: Probe, ...owners: string[]): boolean {
  return listedModels(probed).some(({ owned_by: owner }) => typeof owner === 'string' && owners.includes(owner));
}

/** A positive whole number, else null. */
export function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : null;
}
