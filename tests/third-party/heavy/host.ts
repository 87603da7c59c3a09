import { everythingIn } from '../everything-in.ts';
import type { ThirdPartyClient } from '../third-party-client.ts';
import { watchStrangers } from '../watch-strangers.ts';
import type { FromHost, ToHost } from './hosted-client.ts';

/** Runs one client's turns in a process of its own, asked by messages. The argument is the client's module. */
const watched = watchStrangers();
const { client } = (await import(String(process.argv[2]))) as { client: ThirdPartyClient };
const tell = (message: FromHost) => process.send?.(message);
const aborts = new Map<number, AbortController>();

async function take({ id, abort, method, turn }: ToHost): Promise<void> {
  if (abort) return aborts.get(id)?.abort();
  const controller = new AbortController();
  aborts.set(id, controller);
  try {
    const value = await client[method]({ ...turn, signal: controller.signal });
    tell({ id, value, strangers: watched.strangers });
  } catch (error) {
    const failure = { text: everythingIn(error), overflow: client.isOverflow(error) };
    tell({ id, failure, strangers: watched.strangers });
  } finally {
    aborts.delete(id);
  }
}

process.once('disconnect', () => process.exit());
process.on('message', (message: ToHost) => void take(message));
tell({ name: client.name, version: client.version, surface: client.surface });
