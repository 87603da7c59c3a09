import { readUpstreamKey, type KeySource } from './upstream-key.ts';
import type { UpstreamSettings } from './upstream-settings.ts';

/** What to tell the operator about the source of a key. */
export interface KeyFinding {
  /** Index of the upstream in the list. */
  at: number;
  field: keyof KeySource;
  /** `unset`: a variable has no value in this environment; the upstream cannot be served in it. */
  kind: 'fault' | 'unset' | 'warning';
  /** Without the key; worded to follow the field's name. */
  message: string;
}

export interface UpstreamKeys {
  /** For requests alone: a key goes into no log and no error. */
  keys: ReadonlyMap<UpstreamSettings, string>;
  findings: KeyFinding[];
}

/** Reads the keys of upstreams from variables and files. */
export async function readUpstreamKeys(
  upstreams: readonly UpstreamSettings[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<UpstreamKeys> {
  const keys = new Map<UpstreamSettings, string>();
  const findings: KeyFinding[] = [];
  for (const [at, upstream] of upstreams.entries()) {
    const found = await readUpstreamKey(upstream, env);
    if (found === null) continue;
    if ('fault' in found) {
      findings.push({ at, field: found.field, kind: found.unset ? 'unset' : 'fault', message: found.fault });
      continue;
    }
    keys.set(upstream, found.key);
    if (found.warning !== undefined) findings.push({ at, field: 'keyFile', kind: 'warning', message: found.warning });
  }
  return { keys, findings };
}
