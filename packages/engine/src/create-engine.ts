import type { Engine } from './port/engine.ts';
import { openHost, type HostOptions } from './host/open-host.ts';
import { PortEngine } from './port/port-engine.ts';

export interface EngineOptions extends HostOptions {
  /** Resolve before the models are loaded; until then requests report the phase `loading`. @default false */
  lazy?: boolean;
}

/**
 * Opens an engine in this process and loads its models.
 *
 * @throws HeadwayError `model-load-failed` unless `lazy`, `invalid-request` for options out of bounds
 */
export async function createEngine({ lazy = false, ...options }: EngineOptions): Promise<Engine> {
  const engine = new PortEngine((onMessage) => openHost(options, onMessage));
  if (!lazy) {
    try {
      await engine.ready();
    } catch (error) {
      await engine.close();
      throw error;
    }
  }
  return engine;
}
