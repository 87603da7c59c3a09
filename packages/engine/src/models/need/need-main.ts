import { dieWithParent } from '../../isolation/process/die-with-parent.ts';
import { openBackend } from '../../isolation/backend-description.ts';
import { toPlainError } from '../../port/plain-error.ts';
import type { NeedAnswer, NeedOrder } from './need-messages.ts';

// A process that reads a model's file, and downloads it before, so that the gateway's process needs no native code and
// survives a file that crashes it.
dieWithParent();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

process.once('message', (order: NeedOrder) => void answer(order));

async function answer({ backend: description, parallel, contextSize, room }: NeedOrder): Promise<void> {
  try {
    const backend = await openBackend(description);
    const need = await backend.memoryNeed?.({
      parallel,
      contextSize,
      room: room ?? { shared: Number.POSITIVE_INFINITY, alone: Number.POSITIVE_INFINITY },
      onDownload: (downloaded, total) => send({ kind: 'download', downloaded, total }),
      // The parent ends this process when nobody waits for the answer.
      signal: new AbortController().signal,
    });
    send({ kind: 'need', backend: backend.name, need: need ?? null });
  } catch (thrown) {
    send({ kind: 'failure', error: toPlainError(thrown) });
  }
}

function send(message: NeedAnswer): void {
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}
