import { abortable } from '@headway/protocol';
import type { Engine } from '@headway/engine';

import { startGateway } from '@headway/gateway';
import { exitCodes } from '../process/exit-codes.ts';
import type { ComputeFlags } from '../options/compute-options.ts';
import type { Threads } from '../options/threads-option.ts';
import { chosenUpstreams, type UpstreamFlags } from '../options/upstream-options.ts';
import { untilSignalled } from '../process/until-signalled.ts';
import { ask } from './gateway/ask-gateway.ts';
import { checkGateway } from './checks/check-gateway.ts';
import { adviseFlags } from './flags/advise-flags.ts';
import { checkMachine } from './checks/check-machine.ts';
import { checkModel } from './checks/check-model.ts';
import { warning, type Finding } from './finding.ts';
import type { GatewayAddress } from './gateway/gateway-address.ts';
import { Report } from './report.ts';
import { examineUpstreams } from './examine-upstreams.ts';
import { tryAll } from './trials/try-all.ts';
import { assessTrials } from './verdicts/assess-trials.ts';
import { readUrlOption } from '../options/url-option.ts';

export interface DoctorOptions extends ComputeFlags, UpstreamFlags {
  url?: string;
  apiKey?: string;
  origin?: string;
  ctx?: number;
  threads?: Threads;
  /** The longest wait for one answer, in seconds. */
  timeout: number;
  json?: boolean;
  /** Longest time to try flags, in seconds; they are tried only with it. */
  advise?: number;
}

const defaultUrl = 'http://127.0.0.1:4477';

/** Runs `headway doctor`. */
export async function doctor(model: string | undefined, options: DoctorOptions): Promise<void> {
  const address = { url: readUrlOption(options.url ?? defaultUrl), apiKey: options.apiKey };
  const report = new Report({ json: options.json ?? false });
  await untilSignalled(async (signal) => {
    try {
      const upstreams = chosenUpstreams(options);
      if (upstreams.length > 0) {
        await examineUpstreams(upstreams, { timeoutMs: options.timeout * 1000, report, signal });
        report.end();
        if (!report.ok) process.exitCode = exitCodes.failure;
        return;
      }
      const runs = await examine({ address, model, options, report, signal });
      if (runs && options.advise !== undefined) {
        const onTrial = (what: string) => report.busy(`Trying ${what}`);
        report.add(await adviseFlags({ ...options, model, seconds: options.advise, signal, onTrial }));
      }
      report.end();
    } finally {
      report.idle();
    }
    if (!report.ok) process.exitCode = exitCodes.failure;
  });
}

interface Examination {
  address: GatewayAddress;
  model: string | undefined;
  options: DoctorOptions;
  report: Report;
  signal: AbortSignal;
}

/** Whether the model loaded, or was not asked for. */
async function examine({ address, model, options, report, signal }: Examination): Promise<boolean> {
  report.busy('Looking at the machine');
  report.add(await abortable(checkMachine(), signal));
  const { url } = options;
  const elsewhere = url !== undefined;
  const there = elsewhere || (await isListening(address, signal));
  let engine: Engine | null = null;
  let loaded = true;
  try {
    if (!elsewhere && (model !== undefined || !there)) {
      report.busy('Loading the model');
      const checked = await checkModel({ ...options, model, signal });
      engine = checked.engine;
      report.add(checked.section);
      loaded = engine !== null;
    }
    if (!there) {
      await examineOwn(engine, { address, options, report, signal });
      return loaded;
    }
    // The gateway needs the memory for a model of its own.
    await engine?.close();
    await examineGateway({ address, model: elsewhere ? model : undefined, options, report, signal });
    return loaded;
  } finally {
    await engine?.close();
  }
}

/** Long enough for any server on this machine. */
const listeningMs = 5000;

async function isListening({ url }: GatewayAddress, signal: AbortSignal): Promise<boolean> {
  const answer = await ask(`${url}/healthz`, { timeoutMs: listeningMs, signal });
  return answer.answered || !answer.refused;
}

/** Serves the model during the checks, since no gateway runs. */
async function examineOwn(engine: Engine | null, examination: Omit<Examination, 'model'>): Promise<void> {
  const { address, report } = examination;
  const instead = engine ? '; this command checks one of its own' : '';
  const absent = warning(`none at ${address.url}${instead}`, 'start one: headway serve');
  if (!engine) {
    report.add({ id: 'gateway', title: 'Gateway', findings: [absent], facts: { url: address.url, reached: false } });
    return;
  }
  const gateway = await startGateway({ engine, port: 0 });
  try {
    await examineGateway(
      { ...examination, address: { url: gateway.url, apiKey: undefined }, model: undefined },
      absent,
    );
  } finally {
    await gateway.close();
  }
}

async function examineGateway(
  { address, model, options, report, signal }: Examination,
  ...before: Finding[]
): Promise<void> {
  const timeoutMs = options.timeout * 1000;
  report.busy('Asking the gateway');
  const { section, model: tried } = await checkGateway({ address, model, origin: options.origin, timeoutMs, signal });
  section.findings.unshift(...before);
  report.add(section);
  if (tried === null) return;
  const onTrial = (what: string) => report.busy(`Trying ${what}`);
  report.addTrials(assessTrials(await tryAll({ address, model: tried, timeoutMs, signal, onTrial })));
}
