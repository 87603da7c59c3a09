import { networkInterfaces } from 'node:os';

import type { Engine } from '@headway/engine';
import type { Logger } from 'pino';

import { type AccessOptions, isWide, openLog, startGateway } from '@headway/gateway';
import { readLimits } from '@headway/gateway/limits';
import { describeBinary } from '../build/describe-binary.ts';
import { servedLines } from '../terminal/banner.ts';
import { listenForSignals } from '../process/listen-for-signals.ts';
import { connectionLimit, openFilesLimit } from '../process/file-limit.ts';
import { aliasesOf, nameModels } from './name-models.ts';
import { openServedEngine } from './open-served-engine.ts';
import { findPage } from './page-folder.ts';
import type { ServePlan } from './plan-serve.ts';
import type { ServeOptions } from './serve-options.ts';
import { describeStartFailure } from './start-failure.ts';
import { foreignText } from '@headway/protocol';

/** Runs `headway serve` until a signal ends it. It listens before the models have loaded; `/readyz` reports when they have. */
export async function serve(plan: ServePlan): Promise<void> {
  const { options } = plan;
  const stopped = listenForSignals();
  try {
    const log = openLog(options.logLevel);
    const models = await nameModels(plan.models);
    const engine = await openServedEngine(options, models, log);
    try {
      await serveEngine({ engine, log, aliases: aliasesOf(models) }, options, stopped);
    } finally {
      await engine.close();
    }
  } catch (thrown) {
    process.stderr.write(`headway: ${foreignText(describeStartFailure(thrown, options))}\n`);
    process.exitCode = 1;
  }
}

async function serveEngine(
  { engine, log, aliases }: { engine: Engine; log: Logger; aliases: Record<string, string> },
  options: ServeOptions,
  stopped: Promise<unknown>,
): Promise<void> {
  const { port, host, grace, generationTime, generationTokens, drain } = options;
  const gateway = await startGateway({
    engine,
    aliases,
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
      const models = await engine.models();
      process.stdout.write(
        servedLines({
          url: gateway.url,
          models,
          viaNpm,
          binary: await describeBinary(models, { viaNpm, prebuilt: options.prebuilt }),
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
    // Before the gateway, so that running generations end even if the engine hangs.
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
    limits: { ...limit, connections: connectionLimit(openFilesLimit(), readLimits(limit).connections) },
  };
}

/** The addresses at which other machines reach a gateway that listens on all of them, without link-local ones. */
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
