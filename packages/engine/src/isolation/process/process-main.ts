import { HeadwayError } from '@headway/protocol';

import type { Backend } from '../../backend/backend.ts';
import type { EngineHost } from '../../host/engine-host.ts';
import { openHost } from '../../host/open-host.ts';
import { toPlainError } from '../../port/plain-error.ts';
import { openBackend } from '../backend-description.ts';
import { dieWithParent } from './die-with-parent.ts';
import { MessageBatch } from './message-batch.ts';
import type { FromProcess, FromProcessBatch, OpenOrder, QueryName, ToProcess } from './process-messages.ts';

// The engine's own process: an `EngineHost` whose port is the channel to the parent.
dieWithParent();
// A terminal sends its Ctrl-C to everybody; what it means here is the parent's to say.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const batch = new MessageBatch(write);
const tell = (message: FromProcess): void => batch.add(message);
let host: EngineHost | null = null;

process.on('message', (message: ToProcess) => {
  switch (message.kind) {
    case 'open':
      void open(message.order);
      return;
    case 'query':
      void answer(message.number, message.name, message.args);
      return;
    default:
      host?.send(message);
  }
});

async function open({ backends: descriptions, options, beatMs }: OpenOrder): Promise<void> {
  try {
    const [first, ...others] = descriptions;
    const backend: [Backend, ...Backend[]] = [
      await openBackend(first),
      ...(await Promise.all(others.map(openBackend))),
    ];
    const opened = openHost(
      { ...options, backend, onDownload: (progress) => tell({ kind: 'download', progress }) },
      tell,
    );
    host = opened;
    tell({ kind: 'opened', models: await opened.models() });
    const beat = () => tell({ kind: 'beat', vitals: opened.vitals() });
    setInterval(beat, beatMs);
    // That it is loaded is news: less patience is due from then on.
    void opened.ready().then(beat, beat);
  } catch (thrown) {
    tell({ kind: 'unopened', error: toPlainError(thrown) });
  }
}

async function answer(number: number, name: QueryName, args: readonly unknown[]): Promise<void> {
  try {
    if (!host) throw new HeadwayError('internal', 'the engine was asked before it was opened');
    const ask = host[name].bind(host) as (...args: readonly unknown[]) => Promise<unknown>;
    tell({ kind: 'answer', number, value: await ask(...args) });
  } catch (thrown) {
    tell({ kind: 'failure', number, error: toPlainError(thrown) });
  }
  if (name === 'close') {
    await batch.written();
    process.exit(0);
  }
}

/** A parent that is gone takes nothing any more; what is to happen then is `dieWithParent`'s. */
function write(messages: FromProcessBatch): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(messages, undefined, {}, () => resolve());
    else resolve();
  });
}
