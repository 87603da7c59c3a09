import { readKeyFile } from '@headway/gateway/keys';
import { createAccessPolicy } from '@headway/gateway/policy';
import { isHeadwayError, type Issue } from '@headway/protocol';

import type { ServeConfig } from '../serve-config.ts';

/** What the gateway would refuse of who may use it. */
export async function accessFaults({
  host = '127.0.0.1',
  allowHost = [],
  allowOrigin = [],
  apiKeyFile,
  noAuth = false,
}: Pick<ServeConfig, 'host' | 'allowHost' | 'allowOrigin' | 'apiKeyFile' | 'noAuth'>): Promise<Issue[]> {
  const policy = (options: { host?: string; allowHosts?: string[]; allowOrigins?: string[] }) =>
    createAccessPolicy({ host: '127.0.0.1', allowHosts: [], allowOrigins: [], ...options });
  const faults = [
    await faultOf(['host'], () => policy({ host })),
    ...(await Promise.all(allowHost.map((one, at) => faultOf(['allowHost', at], () => policy({ allowHosts: [one] }))))),
    ...(await Promise.all(
      allowOrigin.map((one, at) => faultOf(['allowOrigin', at], () => policy({ allowOrigins: [one] }))),
    )),
  ];
  if (apiKeyFile !== undefined) {
    faults.push(
      noAuth
        ? { path: ['noAuth'], message: 'cannot be combined with apiKeyFile; remove one' }
        : await faultOf(['apiKeyFile'], () => readKeyFile(apiKeyFile)),
    );
  }
  return faults.filter((fault) => fault !== null);
}

/** The error of `check` as an issue of a field, without the flag's name before it. */
async function faultOf(path: Issue['path'], check: () => unknown): Promise<Issue | null> {
  try {
    await check();
    return null;
  } catch (thrown) {
    if (!isHeadwayError(thrown)) throw thrown;
    return { path, message: thrown.message.replace(/^--[a-z-]+:? /, '').replace(/^key file .*?: /, '') };
  }
}
