import { HeadwayError } from '@headway/protocol';

import type { Backend } from '../../backend/backend.ts';
import type { EngineHost } from '../../host/engine-host.ts';
import { openHost } from '../../host/open-host.ts';
import { toPlainError } from '../../port/plain-error.ts';
import { openBackend } from '../backend-description.ts';
import { dieWithParent } from './die-with-parent.ts';
import { MessageBatch } from './message-batch.ts';
import type { FromProcess, FromProcessBatch, OpenOrder, QueryName, ToProcess } from './process-messages.ts';

// The engine's process: an `EngineHost` that sends and receives the port's messages over the channel to the parent.
dieWithParent();
// A terminal sends Ctrl-C to every process in the group. The parent decides when this one closes.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const batch = new MessageBatch(write);
const send = (message: FromProcess): void => batch.add(message);
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
      {
        ...options,
        backend,
        onDownload: (progress) => send({ kind: 'download', progress }),
        onLoad: (progress) => send({ kind: 'load', progress }),
      },
      send,
    );
    host = opened;
    send({ kind: 'opened', models: await opened.models() });
    const beat = () => send({ kind: 'beat', vitals: opened.vitals(), memoryBytes: process.memoryUsage.rss() });
    setInterval(beat, beatMs);
    // Report the end of loading at once: shorter hang limits apply from then on.
    void opened.ready().then(beat, beat);
  } catch (thrown) {
    send({ kind: 'unopened', error: toPlainError(thrown) });
  }
}

async function answer(number: number, name: QueryName, args: readonly unknown[]): Promise<void> {
  try {
    if (!host) throw new HeadwayError('internal', 'the engine received a query before the order to open');
    const ask = host[name].bind(host) as (...args: readonly unknown[]) => Promise<unknown>;
    send({ kind: 'answer', number, value: await ask(...args) });
  } catch (thrown) {
    send({ kind: 'failure', number, error: toPlainError(thrown) });
  }
  if (name === 'close') {
    await batch.written();
    process.exit(0);
  }
}

/** Drops messages when the parent is gone; `dieWithParent` then ends the process. */
function write(messages: FromProcessBatch): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(messages, undefined, {}, () => resolve());
    else resolve();
  });
}
