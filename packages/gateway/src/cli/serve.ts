import { createEngine, llama, type Engine } from '@headway/engine';
import { HeadwayError } from '@headway/protocol';

import { isLoopbackBind } from '../access/create-access-policy.ts';
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
  /** False with `--no-auth`. */
  auth: boolean;
  logLevel: 'error' | 'warn' | 'info' | 'debug';
}

/** Runs `headway serve` until a signal ends it. It listens first and loads then; `/readyz` tells the truth meanwhile. */
export async function serve(options: ServeOptions): Promise<void> {
  const stopped = listenForSignals();
  try {
    requireLoopbackOrConsent(options);
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
  const { port, host, allowOrigin: allowOrigins, allowHost: allowHosts, logLevel: logger } = options;
  const gateway = await startGateway({ engine, port, host, allowOrigins, allowHosts, logger, page: findPage() });
  try {
    process.stdout.write(`${gateway.url}\n`);
    const ready = await Promise.race([engine.ready().then(() => true), stopped.then(() => false)]);
    if (!ready) return;
    const viaNpm = process.env['npm_lifecycle_event'] === 'start';
    process.stdout.write(servedLines({ url: gateway.url, models: await engine.models(), viaNpm }));
    await stopped;
  } finally {
    await gateway.close();
  }
}

function requireLoopbackOrConsent({ host, auth }: ServeOptions): void {
  if (!auth || isLoopbackBind(host)) return;
  throw new HeadwayError(
    'invalid-request',
    `--host ${host} lets other machines in, and nothing asks them who they are; add --no-auth if that is what you want`,
  );
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
