import type { EngineOptions } from '../create-engine.ts';
import type { Engine } from '../port/engine.ts';
import { PortEngine } from '../port/port-engine.ts';
import type { BackendDescription } from './backend-description.ts';
import { IsolatedPort } from './isolated-port.ts';
import type { ProcessNews } from './process/process-supervisor.ts';
import type { PulseOptions } from './process/pulse.ts';

export interface IsolatedEngineOptions extends Omit<EngineOptions, 'backend' | 'clock'> {
  /** One for each model, the default one first. */
  backend: BackendDescription | readonly [BackendDescription, ...BackendDescription[]];
  /** Flags of Node for the process, such as `--max-old-space-size=512`. @default those of this process */
  execArgv?: readonly string[];
  /** When the process counts as hung. */
  pulse?: Partial<PulseOptions>;
  /** Hears what happens to the process: for a log. */
  onProcess?: (news: ProcessNews) => void;
}

/**
 * As `createEngine`, with the whole engine in a process of its own, so that native code that crashes or hangs takes
 * nobody with it. The process ends with this one. When it ends by itself or hangs, what ran in it ends with the error
 * `engine-crashed`, and it is started again: at once, then after longer and longer waits, 30 s at most. Meanwhile requests
 * wait in the phase `loading`; after more than three crashes in a row without an answer between them they are refused.
 *
 * @throws HeadwayError as `createEngine`; `engine-crashed` when the process ends while it loads for the first time
 */
export async function createIsolatedEngine({
  backend,
  lazy = false,
  execArgv,
  pulse: { beatMs = 500, silentMs = 15_000, loadingMs = 60_000, stuckMs = 300_000 } = {},
  onDownload,
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
