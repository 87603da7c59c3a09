import { abortable, isHeadwayError, status, type Status } from '@headway/protocol';

import { isLoopback } from '@headway/gateway';
import { interferenceLine } from '../../terminal/interference-line.ts';
import { headwayVersion } from '../../version.ts';
import { modelLine } from '../../terminal/banner.ts';
import { createClient } from '@headway/client';
import { ask, type Answer } from '../gateway/ask-gateway.ts';
import { checkPages } from './check-pages.ts';
import { count } from '../../terminal/count.ts';
import { failure, ok, warning, type Finding, type Section } from '../finding.ts';
import type { GatewayAddress } from '../gateway/gateway-address.ts';
import { objectOrNull } from '../streams/stream-items.ts';

export interface CheckGatewayOptions {
  address: GatewayAddress;
  /** The name of the model to try, at the gateway. @default its first */
  model?: string | undefined;
  /** An origin whose pages the gateway must accept, besides its own. */
  origin?: string | undefined;
  timeoutMs: number;
  signal: AbortSignal;
}

export interface GatewayFacts {
  url: string;
  reached: boolean;
  ready: boolean | null;
  /** Whether it needs a key; null if unknown. */
  needsKey: boolean | null;
  models: string[];
  status: Status | null;
  socket: boolean | null;
}

/** Checks a gateway. The returned `model` is the one to try there; null if none can be tried. */
export async function checkGateway(options: CheckGatewayOptions) {
  const { address, timeoutMs, signal } = options;
  const facts: GatewayFacts = {
    url: address.url,
    reached: false,
    ready: null,
    needsKey: null,
    models: [],
    status: null,
    socket: null,
  };
  const section: Section<GatewayFacts> = { id: 'gateway', title: `Gateway ${address.url}`, findings: [], facts };
  const say = (...findings: Finding[]) => void section.findings.push(...findings);
  const get = (path: string, headers: Record<string, string> = {}) =>
    ask(`${address.url}${path}`, { headers, timeoutMs, signal });
  const key: Record<string, string> = address.apiKey === undefined ? {} : { authorization: `Bearer ${address.apiKey}` };

  const health = await get('/healthz');
  if (!health.answered) {
    const remedy = health.refused
      ? 'start one with headway serve, or check the URL'
      : 'check the URL, and the server there';
    say(failure(`does not answer: ${health.why}`, remedy));
    return { section, model: null };
  }
  facts.reached = true;
  if (health.status === 403) {
    say(refusal(health));
    return { section, model: null };
  }
  if (health.json?.['status'] !== 'ok') {
    say(warning(`answers, but /healthz says ${health.message}`, 'is this the URL of a Headway gateway?'));
  }
  const readiness = await get('/readyz');
  facts.ready = readiness.answered && readiness.status === 200;
  say(...readyFindings(readiness));

  const open = await get('/v1/models');
  const asked = address.apiKey === undefined ? open : await get('/v1/models', key);
  facts.needsKey = open.answered ? open.status === 401 : null;
  say(keyFinding(address, facts.needsKey, asked));
  if (!asked.answered || asked.status !== 200) return { section, model: null };

  facts.models = modelIds(asked.json);
  const called = await get('/trpc/status', key);
  facts.status = readStatus(called);
  say(...modelFindings(facts, options.model));
  if (facts.status) {
    say(...statusFindings(facts.status), await socketFinding(facts, options));
    say(...(await checkPages({ ...options, key })));
  }
  const model = options.model ?? facts.models[0];
  const canTry = readiness.answered && readiness.status !== 503 && model !== undefined && facts.models.includes(model);
  return { section, model: canTry ? model : null };
}

function refusal({ message }: Answer & { answered: true }): Finding {
  const [what = message, remedy] = message.split('; ');
  return failure(`refuses this command: ${what}`, remedy);
}

function readyFindings(answer: Answer): Finding[] {
  if (!answer.answered) return [failure(`/readyz: ${answer.why}`)];
  const { status: code, json } = answer;
  if (code === 200) return [ok('answers and is ready')];
  if (code !== 503) return [warning(`/readyz says status ${code}`)];
  const reason = typeof json?.['reason'] === 'string' ? json['reason'] : 'it gives no reason';
  const remedy = /is loading/.test(reason) ? 'wait, and run headway doctor again' : 'start it again; its log says more';
  return [failure(`is not ready: ${reason}`, remedy)];
}

function keyFinding({ url, apiKey }: GatewayAddress, needsKey: boolean | null, answer: Answer): Finding {
  if (!answer.answered) return failure(`/v1/models: ${answer.why}`);
  if (answer.status === 401) {
    return apiKey === undefined
      ? failure('needs a key', 'give one as --api-key or HEADWAY_API_KEY')
      : failure('does not take this key', 'check it; the operator of the gateway makes keys with headway keys add');
  }
  if (answer.status !== 200) return failure(`/v1/models: ${answer.message}`);
  if (!needsKey) return ok(apiKey === undefined ? 'needs no key' : 'needs no key, and ignores the given one');
  if (url.startsWith('https:') || isLoopback(new URL(url).hostname)) return ok('takes the key');
  return warning('takes the key, which went over the network unencrypted', 'put a proxy with TLS before the gateway');
}

function modelFindings({ models, status: found }: GatewayFacts, wanted: string | undefined): Finding[] {
  const [first] = models;
  if (first === undefined) return [failure('serves no model', 'start it with --model')];
  if (wanted !== undefined && !models.includes(wanted)) {
    return [failure(`has no model ${wanted}`, `name one of ${models.join(', ')}`)];
  }
  return found
    ? found.models.flatMap((model) => {
        const delay = interferenceLine(model);
        return [ok(modelLine(model)), ...(delay === null ? [] : [ok(`${model.id}: ${delay}`)])];
      })
    : [ok(`serves ${models.join(', ')}`)];
}

function statusFindings({ version, slots, queued, draining, engine }: Status): Finding[] {
  const waiting = queued > 0 ? `, ${queued} waiting` : '';
  return [
    version === headwayVersion
      ? ok(`Headway ${version}, ${slots.busy} of ${count(slots.total, 'slot')} busy${waiting}`)
      : warning(`Headway ${version}, while this command is of ${headwayVersion}`, 'update the older of the two'),
    ...(draining ? [warning('finishes what runs and takes nothing new', 'start it again')] : []),
    ...(engine && engine.restarts > 0
      ? [
          warning(
            `its engine was started again ${engine.restarts === 1 ? 'once' : `${engine.restarts} times`}: it ${engine.lastCrash ?? 'ended'}`,
            "the gateway's log has what the engine said",
          ),
        ]
      : []),
  ];
}

/** Whether a WebSocket reaches the gateway; some proxies block them. */
async function socketFinding(
  facts: GatewayFacts,
  { address, timeoutMs, signal }: CheckGatewayOptions,
): Promise<Finding> {
  const gateway = createClient({ ...address, transport: 'websocket', connectAttempts: 1, connectTimeoutMs: timeoutMs });
  const late = AbortSignal.timeout(timeoutMs);
  try {
    await abortable(gateway.models(), AbortSignal.any([signal, late]));
    facts.socket = true;
    return ok('WebSockets come through (/trpc)');
  } catch (thrown) {
    signal.throwIfAborted();
    facts.socket = false;
    const why = late.aborted ? `no answer within ${timeoutMs / 1000} s` : whyNotOpened(thrown);
    return warning(
      `WebSockets do not come through: ${why}`,
      'let the proxy pass upgrades on; clients fall back to HTTP',
    );
  } finally {
    await gateway.close();
  }
}

/** The error of the one attempt, which is the cause of the client's error. */
function whyNotOpened(thrown: unknown): string {
  const cause = isHeadwayError(thrown) && thrown.cause instanceof Error ? thrown.cause : thrown;
  return cause instanceof Error ? cause.message : String(cause);
}

function modelIds(list: Record<string, unknown> | null): string[] {
  const data = list?.['data'];
  if (!Array.isArray(data)) return [];
  return data.flatMap((model) => {
    const id = objectOrNull(model)?.['id'];
    return typeof id === 'string' ? [id] : [];
  });
}

/** Reads tRPC's reply; null if the server is not a Headway gateway. */
function readStatus(answer: Answer): Status | null {
  if (!answer.answered) return null;
  return status.safeParse(objectOrNull(answer.json?.['result'])?.['data']).data ?? null;
}
