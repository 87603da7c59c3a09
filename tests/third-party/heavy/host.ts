import { errorText } from '../error-text.ts';
import type { ThirdPartyClient } from '../third-party-client.ts';
import { watchOutboundHosts } from '../watch-outbound-hosts.ts';
import type { FromHost, ToHost } from './hosted-client.ts';

/** Runs the turns of one client in this process, on request by messages. Its argument is the client's module. */
const watched = watchOutboundHosts();
const { client } = (await import(String(process.argv[2]))) as { client: ThirdPartyClient };
const tell = (message: FromHost) => process.send?.(message);
const aborts = new Map<number, AbortController>();

async function take({ id, abort, method, turn }: ToHost): Promise<void> {
  if (abort) return aborts.get(id)?.abort();
  const controller = new AbortController();
  aborts.set(id, controller);
  try {
    const value = await client[method]({ ...turn, signal: controller.signal });
    tell({ id, value, outboundHosts: watched.outboundHosts });
  } catch (error) {
    const failure = { text: errorText(error), overflow: client.isOverflow(error) };
    tell({ id, failure, outboundHosts: watched.outboundHosts });
  } finally {
    aborts.delete(id);
  }
}

process.once('disconnect', () => process.exit());
process.on('message', (message: ToHost) => void take(message));
tell({ name: client.name, version: client.version, surface: client.surface });
