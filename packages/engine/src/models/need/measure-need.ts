import { fork } from 'node:child_process';
import { once } from 'node:events';

import { HeadwayError } from '@headway/protocol';

import type { DownloadProgress, MemoryNeed } from '../../backend/backend.ts';
import { fromPlainError } from '../../port/plain-error.ts';
import { siblingModule } from '../../processes/sibling-module.ts';
import type { NeedAnswer, NeedOrder } from './need-messages.ts';

export interface MeasureNeedOptions extends NeedOrder {
  modelId: string;
  execArgv: readonly string[] | undefined;
  onDownload: ((progress: DownloadProgress) => void) | undefined;
  signal: AbortSignal;
}

/** A model's need, and the name of its backend. */
export interface MeasuredNeed extends MemoryNeed {
  backend: string;
}

/**
 * Measures what memory a model will take, in a process of its own that ends then. Downloads the model if it is missing.
 *
 * @throws HeadwayError `model-load-failed`; the signal's reason when it aborts
 */
export async function measureNeed({
  modelId,
  execArgv,
  onDownload,
  signal,
  ...order
}: MeasureNeedOptions): Promise<MeasuredNeed> {
  signal.throwIfAborted();
  const child = fork(siblingModule(import.meta.url, 'need-main'), {
    ...(execArgv && { execArgv: [...execArgv] }),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const kill = () => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  try {
    return await new Promise<MeasuredNeed>((resolve, reject) => {
      child.on('message', (message: NeedAnswer) => {
        switch (message.kind) {
          case 'download':
            return onDownload?.({ modelId, downloaded: message.downloaded, total: message.total });
          case 'need':
            return resolve({ ...(message.need ?? unknownNeed(order)), backend: message.backend });
          case 'failure':
            return reject(fromPlainError(message.error));
          default:
            message satisfies never;
        }
      });
      const ended = (how: string) => reject(signal.aborted ? signal.reason : endedEarly(modelId, how));
      child.once('error', ({ message }) => ended(`did not start (${message})`));
      child.once('exit', (code, by) => ended(`ended with ${by ?? `exit code ${String(code)}`}`));
      if (child.connected) child.send(order satisfies NeedOrder, () => undefined);
    });
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

/** Nothing is known before the model is loaded. */
function unknownNeed({ contextSize }: NeedOrder): MemoryNeed {
  return { bytes: 0, contextSize, sizeBytes: null, parameters: null };
}

function endedEarly(modelId: string, how: string): HeadwayError {
  return new HeadwayError(
    'model-load-failed',
    `model: ${modelId} cannot be measured: the process that reads its file ${how}; download the file again`,
  );
}
