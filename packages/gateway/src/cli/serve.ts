import { createEngine, llama, type Engine } from '@headway/engine';

import type { Limits } from '../access/limits.ts';
import type { AccessOptions } from '../access/open-gate.ts';
import { startGateway } from '../start-gateway.ts';
import { servedLines } from './banner.ts';
import { createDownloadBars } from './download-bar.ts';
import { embeddedModel } from './embedded-model.ts';
import { listenForSignals } from './listen-for-signals.ts';
import { findPage } from './page-folder.ts';
import { describeStartFailure } from './start-failure.ts';

/** What `headway serve` is told. */
export interface ServeOptions {
  model: string[];
  port: number;
  host: string;
  parallel: number;
  ctx?: number;
  threads?: number;
  allowOrigin: string[];
  allowHost: string[];
  /** Seconds. */
  grace: number;
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
    const engine = await openEngine(options);
    try {
      await serveEngine(engine, options, stopped);
    } finally {
      await engine.close();
    }
  } catch (thrown) {
    process.stderr.write(`headway: ${describeStartFailure(thrown, options)}\n`);
    process.exitCode = 1;
  }
}

async function serveEngine(engine: Engine, options: ServeOptions, stopped: Promise<unknown>): Promise<void> {
  const { port, host, grace, logLevel: logger } = options;
  const gateway = await startGateway({
    engine,
    port,
    host,
    ...accessOf(options),
    graceMs: grace * 1000,
    logger,
    page: findPage(),
  });
  try {
    process.stdout.write(`${gateway.url}\n`);
    const ready = await Promise.race([engine.ready().then(() => true), stopped.then(() => false)]);
    if (!ready) return;
    const viaNpm = process.env['npm_lifecycle_event'] === 'start';
    process.stdout.write(
      servedLines({ url: gateway.url, models: await engine.models(), viaNpm, needsKey: needsKey(options) }),
    );
    await stopped;
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
    limits: limit,
  };
}

function needsKey({ apiKey, apiKeyFile }: ServeOptions): boolean {
  return apiKey.length > 0 || apiKeyFile !== undefined;
}

async function openEngine({ model, parallel, ctx, threads }: ServeOptions): Promise<Engine> {
  const [first = embeddedModel(), ...others] = model;
  const backend = (one: string) => llama({ model: one, threads });
  const bars = createDownloadBars();
  const engine = await createEngine({
    backend: [backend(first), ...others.map(backend)],
    parallel,
    contextSize: ctx,
    lazy: true,
    onDownload: bars.update,
  });
  bars.stopAfter(engine.ready());
  return engine;
}
