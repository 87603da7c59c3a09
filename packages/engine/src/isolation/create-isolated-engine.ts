import type { EngineOptions } from '../create-engine.ts';
import type { Engine } from '../port/engine.ts';
import { PortEngine } from '../port/port-engine.ts';
import type { BackendDescription } from './backend-description.ts';
import { IsolatedPort } from './isolated-port.ts';
import type { ProcessNews } from './process/process-supervisor.ts';
import type { PulseOptions } from './process/pulse.ts';

export interface IsolatedEngineOptions extends Omit<EngineOptions, 'backend' | 'clock'> {
  /** One per model, the default model first. */
  backend: BackendDescription | readonly [BackendDescription, ...BackendDescription[]];
  /** Node flags for the process, such as `--max-old-space-size=512`. @default those of this process */
  execArgv?: readonly string[];
  /** Time limits after which the process counts as hung. */
  pulse?: Partial<PulseOptions>;
  /** Called when the process starts, prints a line or crashes: for a log. */
  onProcess?: (news: ProcessNews) => void;
}

/**
 * As `createEngine`, but runs the engine in a child process, so that native code that crashes or hangs does not end
 * this process. The child ends with this process. When it ends by itself or hangs, its generations end with the error
 * `engine-crashed` and the engine starts a new child: after 0.1 s, then after growing delays of up to 30 s. In between,
 * requests wait in the phase `loading`; after more than three crashes in a row without an answer the engine refuses
 * them.
 *
 * @throws HeadwayError as `createEngine`; `engine-crashed` when the process ends while it loads the models the first
 * time
 */
export async function createIsolatedEngine({
  backend,
  lazy = false,
  execArgv,
  pulse: { beatMs = 500, silentMs = 15_000, loadingMs = 60_000, stuckMs = 300_000 } = {},
  onDownload,
  onLoad,
  onProcess,
  ...options
}: IsolatedEngineOptions): Promise<Engine> {
  const backends: readonly [BackendDescription, ...BackendDescription[]] = isList(backend) ? backend : [backend];
  const engine = new PortEngine((onMessage) => {
    return new IsolatedPort({
      order: { backends, options, beatMs },
      execArgv,
      pulse: { beatMs, silentMs, loadingMs, stuckMs },
      maxHeld: options.maxQueue ?? 64,
      onMessage,
      onDownload,
      onLoad,
      onProcess,
    });
  });
  try {
    await (lazy ? engine.models() : engine.ready());
  } catch (error) {
    await engine.close();
    throw error;
  }
  return engine;
}

function isList(
  backend: IsolatedEngineOptions['backend'],
): backend is readonly [BackendDescription, ...BackendDescription[]] {
  return Array.isArray(backend);
}
