import { HeadwayError } from '@headway/protocol';
import type { FastifyBaseLogger } from 'fastify';

import { checkKey, digestOf } from './keys/api-key.ts';
import { ApiKeys } from './keys/api-keys.ts';
import { createAccessPolicy, isLoopbackBind } from './policy/create-access-policy.ts';
import { Gatekeeper } from './gatekeeper.ts';
import { readKeyFile, watchKeyFile } from './keys/key-file.ts';
import { readLimits, type Limits } from './limits/limits.ts';

/** Who looks at whoever comes to a gateway, until it closes. */
export interface Gate {
  gatekeeper: Gatekeeper;
  close(): void;
}

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
   * characters or more; shorter ones are warned of, and beyond loopback those under 16 refused. @default none
   */
  apiKeys?: readonly string[];
  /** A file of more keys, as digests (`headway keys add`), which is read again when it changes. @default none */
  apiKeyFile?: string;
  /** Lets whoever reaches the address use the models, beyond this machine too. @default false */
  noAuth?: boolean;
  /** What one key or address may take. Each has a default that one person at one machine never meets. */
  limits?: Partial<Limits>;
}

/**
 * Reads who may come in, and follows the key file from then on: who is added to it comes in, who is removed no more.
 *
 * @throws HeadwayError `invalid-request` for an origin, host, key, key file or limit that is none, and for an address
 * that lets others in without keys
 */
export async function openGate(options: AccessOptions, log: FastifyBaseLogger): Promise<Gate> {
  const { host = '127.0.0.1', allowHosts = [], allowOrigins = [], apiKeyFile, noAuth = false, limits = {} } = options;
  const policy = createAccessPolicy({ host, allowHosts, allowOrigins });
  const keys = await readKeys(options, log);
  if (keys && noAuth)
    throw new HeadwayError('invalid-request', '--no-auth and API keys contradict each other; leave one of them out');
  if (!keys && !noAuth && !isLoopbackBind(host)) {
    throw new HeadwayError(
      'invalid-request',
      `--host ${host} lets other machines in, and nothing asks them who they are; ` +
        'add --api-key-file (headway keys add makes one), or --no-auth if that is what you want',
    );
  }
  const gatekeeper = new Gatekeeper({ policy, keys, limits: readLimits(limits) });
  if (!keys || apiKeyFile === undefined) return { gatekeeper, close: () => undefined };
  const reload = async () => {
    try {
      keys.replace(await readDigests(options));
      log.info({ file: apiKeyFile }, 'the key file was read again');
    } catch (err) {
      log.error({ err }, 'the key file has changed and cannot be read; the keys stay as they were');
    }
  };
  const { stop } = watchKeyFile(apiKeyFile, () => void reload());
  return { gatekeeper, close: stop };
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
    throw new HeadwayError('invalid-request', `key file ${apiKeyFile}: it has no keys; headway keys add adds one`);
  return new ApiKeys(digests);
}

async function readDigests({ apiKeys = [], apiKeyFile }: AccessOptions): Promise<Buffer[]> {
  const entries = apiKeyFile === undefined ? [] : await readKeyFile(apiKeyFile);
  return [...apiKeys.map(digestOf), ...entries.map(({ digest }) => digest)];
}
