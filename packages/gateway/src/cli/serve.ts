import { networkInterfaces } from 'node:os';

import type { Engine } from '@headway/engine';
import type { Logger } from 'pino';

import { isWide } from '../access/create-access-policy.ts';
import { readLimits, type Limits } from '../access/limits.ts';
import type { AccessOptions } from '../access/open-gate.ts';
import { openLog } from '../log.ts';
import { startGateway } from '../start-gateway.ts';
import { servedLines } from './banner.ts';
import type { ChatTemplateChoice } from './chat-template-options.ts';
import { listenForSignals } from './listen-for-signals.ts';
import { connectionsWithin, openFilesLimit } from './open-files.ts';
import { openServedEngine } from './open-served-engine.ts';
import { findPage } from './page-folder.ts';
import { describeStartFailure } from './start-failure.ts';
import { foreignText } from './terminal-text.ts';
import type { Threads } from './threads-option.ts';

/** What `headway serve` is told. */
export interface ServeOptions extends ChatTemplateChoice {
  model: string[];
  /** Other names of the first model. */
  alias: string[];
  port: number;
  host: string;
  parallel: number;
  ctx?: number;
  maxQueue: number;
  /** Seconds. */
  queueTimeout: number;
  /** Milliseconds. */
  itlBudget: number;
  threads?: Threads;
  allowOrigin: string[];
  allowHost: string[];
  /** Seconds. */
  grace: number;
  /** Seconds. */
  generationTime: number;
  generationTokens: number;
  engine: 'isolated' | 'inline';
  /** Seconds. */
  drain: number;
  apiKeyFile?: string;
  apiKey: string[];
  limit: Partial<Limits>;
  /** False with `--no-auth`. */
  auth: boolean;
  logLevel: 'error' | 'warn' | 'info' | 'debug';
}

/** Runs `headway serve` until a signal ends it. It listens first and loads then; `/readyz` tells the truth meanwhile. */
export async function serve(options: ServeOptions): Promise<void> {
  const stopped = listenForSignals();
  try {
    const log = openLog(options.logLevel);
    const engine = await openServedEngine(options, log);
    try {
      await serveEngine({ engine, log }, options, stopped);
    } finally {
      await engine.close();
    }
  } catch (thrown) {
    process.stderr.write(`headway: ${foreignText(describeStartFailure(thrown, options))}\n`);
    process.exitCode = 1;
  }
}

async function serveEngine(
  { engine, log }: { engine: Engine; log: Logger },
  options: ServeOptions,
  stopped: Promise<unknown>,
): Promise<void> {
  const { alias, port, host, grace, generationTime, generationTokens, drain } = options;
  const gateway = await startGateway({
    engine,
    aliases: alias,
    port,
    host,
    ...accessOf(options),
    graceMs: grace * 1000,
    generationMs: generationTime * 1000,
    generationTokens,
    logger: log,
    page: findPage(),
  });
  try {
    process.stdout.write(`${gateway.url}\n`);
    const ready = await Promise.race([engine.ready().then(() => true), stopped.then(() => false)]);
    if (ready) {
      const viaNpm = process.env['npm_lifecycle_event'] === 'start';
      process.stdout.write(
        servedLines({
          url: gateway.url,
          models: await engine.models(),
          viaNpm,
          needsKey: needsKey(options),
          elsewhere: networkUrls(host, gateway.url),
        }),
      );
    }
    await stopped;
    if (gateway.running > 0) {
      process.stderr.write(`finishing ${gateway.running} running (${drain} s at most); a second signal ends at once\n`);
    }
    await gateway.drain(drain * 1000);
    // Before the gateway, so that what still runs hears its end even when the engine hangs.
    await engine.close();
  } finally {
    await gateway.close();
  }
}

function accessOf({ allowOrigin, allowHost, apiKey, apiKeyFile, limit, auth }: ServeOptions): AccessOptions {
  return {
    allowOrigins: allowOrigin,
    allowHosts: allowHost,
    apiKeys: apiKey,
    apiKeyFile,
    noAuth: !auth,
    limits: { ...limit, connections: connectionsWithin(openFilesLimit(), readLimits(limit).connections) },
  };
}

/** By which other machines reach a gateway that listens on all addresses; those of one link alone say little. */
function networkUrls(host: string, url: string): string[] {
  if (!isWide(host)) return [];
  const { port } = new URL(url);
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return addresses
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => `http://${address}:${port}`);
}

function needsKey({ apiKey, apiKeyFile }: ServeOptions): boolean {
  return apiKey.length > 0 || apiKeyFile !== undefined;
}
