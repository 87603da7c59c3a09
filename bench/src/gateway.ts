// A gateway on one core with --streams streams, each a generation of the scripted engine. Measures how late tokens
// arrive, whether any is lost, and the cost of clients that stop reading. In both runs those clients' streams write 5
// kB per token, so that the unread data exceeds the system's socket buffers. They resume reading after 80 % of the run.
// A third run writes the same bytes to the same sockets without engine and gateway: the floor of the cost a token.
// npm run bench -- gateway [--streams 1000] [--sockets 1000] [--rate 30] [--seconds 60] [--stalled 50] [--surface openai] [--json file]
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import type { LoadCommand } from './gateway/messages.ts';
import { runLoad, type LoadRun } from './gateway/run-load.ts';
import { round } from './statistics.ts';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '1000' },
    sockets: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '30' },
    seconds: { type: 'string', default: '60' },
    stalled: { type: 'string', default: '50' },
    surface: { type: 'string', default: 'trpc' },
    'long-bytes': { type: 'string', default: '5000' },
    json: { type: 'string' },
  },
});
const [streams, sockets, tokensPerSecond, seconds, stalled, longBytes] = [
  values.streams,
  values.sockets,
  values.rate,
  values.seconds,
  values.stalled,
  values['long-bytes'],
].map(Number) as [number, number, number, number, number, number];

const surfaces: readonly LoadCommand['surface'][] = ['trpc', 'openai'];
const surface = surfaces.find((one) => one === values.surface);
if (!surface) throw new Error(`--surface ${values.surface}: use one of ${surfaces.join(', ')}`);
const load = { surface, streams, sockets, seconds, tokensPerSecond, long: stalled, longBytes };
const allRead = await runLoad({ ...load, stall: false, server: 'gateway' });
// Only the clients of WebSockets can stop reading in this bench.
const someStall = surface === 'trpc' && stalled > 0 ? await runLoad({ ...load, stall: true, server: 'gateway' }) : null;
const bare = await runLoad({ ...load, stall: false, server: 'bare' });

/** Figures of the streams that are read in both runs. The others only add load. */
const row = ({ latencyMs, gateway, ...seen }: LoadRun) => ({
  'core a token, µs': round((gateway.cpuMs * 1000) / seen.steadyTokens, 2),
  'tokens/s each': round(seen.tokensPerSecondEach),
  'late p50, ms': round(latencyMs.p50, 2),
  'late p99, ms': round(latencyMs.p99, 2),
  'late p99.9, ms': round(latencyMs.p999, 2),
  'late worst, ms': round(latencyMs.worst),
  lost: seen.lost,
  'out of order': seen.disordered,
  'not ended': seen.unfinished,
  'core share, gateway': round(gateway.cpu, 2),
  'core share, clients': round(seen.cpu, 2),
  'memory, MiB': round(gateway.rssMiB, 0),
  'memory a stream, KiB': round((gateway.grownMiB * 1024) / streams, 0),
  resumed: seen.resumed,
  'most unsent, KiB': round(gateway.mostWaiting / 1024, 0),
});
console.log(
  `${streams} streams at ${tokensPerSecond} tokens/s for ${seconds} s, ${allRead.pinned ? 'pinned' : 'not pinned'}`,
);
console.table({
  'all clients read': row(allRead),
  ...(someStall && { [`${stalled} clients stop reading`]: row(someStall) }),
  'the same bytes without a gateway': row(bare),
});
const result = { ...load, allRead, someStall, bare };
if (values.json) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
else console.log(JSON.stringify(result));
