import { HeadwayError } from '@headway/protocol';

import { digestOf, requireStrong } from './api-key.ts';
import { ApiKeys } from './api-keys.ts';
import { createAccessPolicy, isLoopbackBind } from './create-access-policy.ts';
import { Gatekeeper } from './gatekeeper.ts';
import { readKeyFile } from './key-file.ts';
import { readLimits, type Limits } from './limits.ts';

/** Who may use a gateway, and how much of it. */
export interface AccessOptions {
  /** Address to listen on. One beyond loopback needs keys, or `noAuth`. @default '127.0.0.1' */
  host?: string;
  /** Origins, besides the gateway's own, whose pages may use it. @default none */
  allowOrigins?: readonly string[];
  /** Names, besides those of this machine, by which it may be reached. @default none */
  allowHosts?: readonly string[];
  /**
   * Keys that let their holders in; with any, everything but `/healthz`, `/readyz` and the page needs one. Random, of 32
   * characters or more. @default none
   */
  apiKeys?: readonly string[];
  /** A file of more keys, as digests (`headway keys add`). Read once, when the gateway starts. @default none */
  apiKeyFile?: string;
  /** Lets whoever reaches the address use the models, beyond this machine too. @default false */
  noAuth?: boolean;
  /** What one key or address may take. Each has a default that one person at one machine never meets. */
  limits?: Partial<Limits>;
}

/**
 * @throws HeadwayError `invalid-request` for an origin, host, key, key file or limit that is none, and for an address
 * that lets others in without keys
 */
export async function createGatekeeper(options: AccessOptions): Promise<Gatekeeper> {
  const { host = '127.0.0.1', allowHosts = [], allowOrigins = [], limits = {} } = options;
  const policy = createAccessPolicy({ host, allowHosts, allowOrigins });
  const keys = await readKeys(options);
  if (keys === null && !options.noAuth && !isLoopbackBind(host)) {
    throw new HeadwayError(
      'invalid-request',
      `--host ${host} lets other machines in, and nothing asks them who they are; ` +
        'add --api-key-file (headway keys add makes one), or --no-auth if that is what you want',
    );
  }
  return new Gatekeeper({ policy, keys, limits: readLimits(limits) });
}

async function readKeys({ apiKeys = [], apiKeyFile, noAuth }: AccessOptions): Promise<ApiKeys | null> {
  for (const key of apiKeys) requireStrong(key, '--api-key');
  const entries = apiKeyFile === undefined ? [] : await readKeyFile(apiKeyFile);
  if (apiKeyFile !== undefined && entries.length === 0) {
    throw new HeadwayError('invalid-request', `key file ${apiKeyFile}: it has no keys; headway keys add adds one`);
  }
  const digests = [...apiKeys.map(digestOf), ...entries.map(({ digest }) => digest)];
  if (digests.length === 0) return null;
  if (!noAuth) return new ApiKeys(digests);
  throw new HeadwayError('invalid-request', '--no-auth and API keys contradict each other; leave one of them out');
}
