import { HeadwayError } from '@headway/protocol';

import { readUpstreamKeys } from '../upstream/read-upstream-keys.ts';
import type { UpstreamSettings } from '../upstream/upstream-settings.ts';
import { checkUpstream } from './checks/check-upstream.ts';
import type { Report } from './report.ts';

/**
 * Checks servers that could be upstreams, one after another.
 *
 * @throws HeadwayError `invalid-request` for a key that cannot be read
 */
export async function examineUpstreams(
  upstreams: readonly UpstreamSettings[],
  { timeoutMs, report, signal }: { timeoutMs: number; report: Report; signal: AbortSignal },
): Promise<void> {
  const { keys, findings } = await readUpstreamKeys(upstreams);
  const fault = findings.find(({ kind }) => kind !== 'warning');
  if (fault) throw new HeadwayError('invalid-request', `${fault.field}: ${fault.message}`);
  const onTrial = (what: string) => report.busy(`Trying ${what}`);
  for (const one of upstreams) {
    const { url, model, type, concurrency } = one;
    const upstream = { url, model, type, concurrency, key: keys.get(one), name: 'upstream' };
    report.add(await checkUpstream({ upstream, timeoutMs, signal, onTrial }));
  }
}
