import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { InStep } from '../write-in-step.ts';
import type { Layer, LayerOptions } from './layer.ts';
import type { LayerCommand, LayerKind, LayerMessage } from './messages.ts';

/**
 * A layer in a process of its own, so that its processor time and its environment are its own.
 *
 * @throws Error when the process ends before it is ready
 */
export async function startProcessLayer(
  name: string,
  kind: LayerKind,
  options: LayerOptions,
  env: Record<string, string> = {},
): Promise<Layer> {
  const file = fileURLToPath(new URL('./layer-process.js', import.meta.url));
  const child = fork(file, [kind, JSON.stringify(options)], { env: { ...process.env, ...env } });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'exit').then(([code]) => new Error(`${name}: its process ended with ${String(code)}`));
  const next = async (): Promise<LayerMessage> => {
    const news = await Promise.race([once(child, 'message'), ended]);
    if (news instanceof Error) throw news;
    return news[0] as LayerMessage;
  };
  await next();
  return {
    name,
    async write(streams, tokens): Promise<InStep> {
      child.send({ streams, tokens } satisfies LayerCommand);
      const message = await next();
      if (message.kind === 'written') return message;
      throw new Error(`${name}: unexpected ${message.kind}`);
    },
    async close() {
      process.off('exit', kill);
      child.disconnect();
      await ended;
    },
  };
}
