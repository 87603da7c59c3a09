import { foreignText, HeadwayError, jsonText } from '@headway/protocol';

import { exitCodes } from '../../process/exit-codes.ts';
import { formatTable } from '../../terminal/format-table.ts';
import { readUpstreamKeys } from '../../upstream/read-upstream-keys.ts';
import { configuredUpstreams } from '../configured-upstreams.ts';
import { problemLine, type ConfigProblem } from '../source/config-problem.ts';
import { configFileNames, findConfigFile } from '../source/find-config-file.ts';
import { readConfig } from '../read/read-config.ts';
import { servedRows, type ServedRow } from './served-rows.ts';

/** Runs `headway config check`. Problems end it with the exit code of wrong usage; warnings do not. */
export async function checkConfigFile(named: string | undefined, { json }: { json?: boolean }): Promise<void> {
  const file = named ?? findConfigFile(process.cwd());
  if (file === null)
    throw new HeadwayError('invalid-request', `this folder has no ${configFileNames.join(', ')}; name the file`);
  const { config, problems, locate } = await readConfig(file);
  const warnings: ConfigProblem[] = [];
  const places = configuredUpstreams(config);
  const { findings } = await readUpstreamKeys(places.map(({ settings }) => settings));
  for (const { at, field, kind, message } of findings) {
    const path = [...(places[at]?.path ?? []), field];
    (kind === 'fault' ? problems : warnings).push({ path, message, ...locate({ path }) });
  }
  const ok = problems.length === 0;
  if (!ok) process.exitCode = exitCodes.usage;
  const models = ok && config !== null ? servedRows(config.models) : [];
  if (json) {
    process.stdout.write(`${jsonText({ file, ok, problems, warnings, models }, 2)}\n`);
    return;
  }
  const lines = [
    ...problems.map((one) => problemLine(file, one)),
    ...warnings.map((one) => problemLine(file, { ...one, message: `warning: ${one.message}` })),
  ];
  process.stderr.write(lines.map((line) => `${line}\n`).join(''));
  if (ok && config !== null) process.stdout.write(`${tableOf(models)}ok: ${foreignText(file)}\n`);
}

function tableOf(models: readonly ServedRow[]): string {
  if (models.length === 0) return '';
  const rows = models.map(({ model, aliases, where, ctx, key }) => [
    model,
    aliases.join(', ') || '-',
    where,
    ctx === null ? '-' : ctx.toLocaleString('en'),
    key ?? '-',
  ]);
  return formatTable(['MODEL', 'ALIASES', 'WHERE', 'CONTEXT', 'KEY'], rows);
}
