import { HeadwayError } from '@headway/protocol';
import type { FastifyBaseLogger } from 'fastify';

import { checkKey, digestOf } from './keys/api-key.ts';
import { ApiKeys } from './keys/api-keys.ts';
import { createAccessPolicy, isLoopbackBind } from './policy/create-access-policy.ts';
import { AccessControl } from './access-control.ts';
import { readKeyFile, watchKeyFile } from './keys/key-file.ts';
import { readLimits, type Limits } from './limits/limits.ts';

export interface RunningAccessControl {
  accessControl: AccessControl;
  /** Stops watching the key file. */
  close(): void;
}

/** Which clients may use a gateway, and how much of it. */
export interface AccessOptions {
  /** Address to listen on. An address that other machines reach needs keys, or `noAuth`. @default '127.0.0.1' */
  host?: string;
  /** Origins, besides the gateway's own, whose pages may use it. @default none */
  allowOrigins?: readonly string[];
  /** Host names that requests may use, besides those of this machine. @default none */
  allowHosts?: readonly string[];
  /**
   * API keys. With any, every route but `/healthz`, `/readyz`, `/health` and the page needs one. A key should be random and
   * have 32 characters or more: the gateway warns of a shorter one, and beyond loopback refuses one under 16.
   * @default none
   */
  apiKeys?: readonly string[];
  /** A file of more keys, as digests (`headway keys add`). The gateway reads it again when it changes. @default none */
  apiKeyFile?: string;
  /** Lets every client that reaches the address use the models, other machines included. @default false */
  noAuth?: boolean;
  /** How much one key or address may use. One person at one machine stays below the defaults. */
  limits?: Partial<Limits>;
}

/**
 * Reads the access options, and watches the key file: an added key works, and a removed key stops working, without a
 * restart.
 *
 * @throws HeadwayError `invalid-request` for an invalid origin, host, key, key file or limit, and for an address that
 * other machines reach while there are no keys
 */
export async function startAccessControl(
  options: AccessOptions,
  log: FastifyBaseLogger,
): Promise<RunningAccessControl> {
  const { host = '127.0.0.1', allowHosts = [], allowOrigins = [], apiKeyFile, noAuth = false, limits = {} } = options;
  const policy = createAccessPolicy({ host, allowHosts, allowOrigins });
  const keys = await readKeys(options, log);
  if (keys && noAuth)
    throw new HeadwayError('invalid-request', '--no-auth and API keys contradict each other; use one of them');
  if (!keys && !noAuth && !isLoopbackBind(host)) {
    throw new HeadwayError(
      'invalid-request',
      `--host ${host} lets other machines in, and the gateway has no API keys; ` +
        'add --api-key-file (headway keys add makes one), or --no-auth to let every machine in without a key',
    );
  }
  const accessControl = new AccessControl({ policy, keys, limits: readLimits(limits) });
  if (!keys || apiKeyFile === undefined) return { accessControl, close: () => undefined };
  const reload = async () => {
    try {
      keys.replace(await readDigests(options));
      log.info({ file: apiKeyFile }, 'the gateway read the key file again');
    } catch (err) {
      log.error({ err }, 'the gateway cannot read the changed key file; the old keys stay valid');
    }
  };
  const { stop } = watchKeyFile(apiKeyFile, () => void reload());
  return { accessControl, close: stop };
}

async function readKeys(options: AccessOptions, log: FastifyBaseLogger): Promise<ApiKeys | null> {
  const { host = '127.0.0.1', apiKeys = [], apiKeyFile } = options;
  if (apiKeys.length === 0 && apiKeyFile === undefined) return null;
  for (const key of apiKeys) {
    const warning = checkKey(key, { beyondLoopback: !isLoopbackBind(host) });
    if (warning !== null) log.warn(warning);
  }
  const digests = await readDigests(options);
  if (digests.length === 0)
    throw new HeadwayError(
      'invalid-request',
      `key file ${apiKeyFile}: the file has no keys; add one with headway keys add`,
    );
  return new ApiKeys(digests);
}

async function readDigests({ apiKeys = [], apiKeyFile }: AccessOptions): Promise<Buffer[]> {
  const entries = apiKeyFile === undefined ? [] : await readKeyFile(apiKeyFile);
  return [...apiKeys.map(digestOf), ...entries.map(({ digest }) => digest)];
}
