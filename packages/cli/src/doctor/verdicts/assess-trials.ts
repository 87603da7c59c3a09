import { failure, ok, warning, type Finding, type Section } from '../finding.ts';
import { progressDialectIds, progressDialects, type ProgressDialectId } from '../streams/progress-dialects.ts';
import { surfaceIds, surfaces, type SurfaceId } from '../streams/surfaces.ts';
import type { Trial } from '../trials/try-stream.ts';
import { clientKindIds, clientKinds, type ClientKind, type ClientKindId } from './client-kinds.ts';
import { judge, type Verdict } from './judge.ts';
import { dialectReaders, progressFault, progressIn, type ReadableDialect } from './progress-readings.ts';

export interface JudgedTrial extends Verdict {
  client: ClientKindId;
  surface: SurfaceId;
  dialect: ProgressDialectId;
}

export interface StreamFacts {
  trials: { surface: SurfaceId; dialect: ProgressDialectId; outcome: Trial['outcome']; why: string | null }[];
  verdicts: JudgedTrial[];
}

type Answered = Extract<Trial, { outcome: 'answered' }>;

const readableDialects = Object.keys(dialectReaders) as ReadableDialect[];

const moreTime = 'raise --timeout: a busy gateway, or a large model on a slow machine, takes longer';

const update = 'update the gateway, or look for a proxy before it that changes streams';

/** Judges the trials as each kind of client would read them, and lists the faults. */
export function assessTrials(trials: readonly Trial[]): Section<StreamFacts> {
  const answered = trials.filter((trial) => trial.outcome === 'answered');
  const verdicts = answered.flatMap(({ surface, dialect, items }) =>
    clientKindIds
      .filter((client) => asks(clientKinds[client], surface))
      .map((client) => ({ client, surface, dialect, ...judge(clientKinds[client], surface, items) })),
  );
  return {
    id: 'streams',
    title: 'Streams',
    findings: [...surfaceFindings(trials), ...progressFindings(answered), ...clientFindings(verdicts)],
    facts: {
      trials: trials.map((trial) => {
        const { surface, dialect, outcome } = trial;
        return { surface, dialect, outcome, why: outcome === 'failed' ? trial.why : null };
      }),
      verdicts,
    },
  };
}

export function asks({ surfaces: asked }: ClientKind, surface: SurfaceId): boolean {
  return asked.includes(surface);
}

/** One finding for all surfaces without a fault, and one for each fault. */
function surfaceFindings(trials: readonly Trial[]): Finding[] {
  const bySurface = surfaceIds.map((surface) => trials.filter((trial) => trial.surface === surface));
  const whole = bySurface.flatMap(([first, ...others]) => {
    const isWhole = first?.outcome === 'answered' && others.every(({ outcome }) => outcome === 'answered');
    return isWhole ? [surfaces[first.surface].path] : [];
  });
  const problems = trials.flatMap((trial) => {
    const { path } = surfaces[trial.surface];
    switch (trial.outcome) {
      case 'answered':
        return [];
      case 'absent':
        return [warning(`${path} is absent`, 'update the gateway if clients use it')];
      case 'failed':
        return [
          failure(`${path} ${progressDialects[trial.dialect].name}: ${trial.why}`, trial.late ? moreTime : update),
        ];
      default:
        return trial satisfies never;
    }
  });
  const all = `${whole.map((path) => path.replace('/v1/', '')).join(', ')}: all ${progressDialectIds.length} dialects stream`;
  return whole.length > 0 ? [ok(`/v1 ${all}`), ...problems] : problems;
}

/** Checks that each dialect reports the whole prefill. */
function progressFindings(answered: readonly Answered[]): Finding[] {
  return progressDialectIds.flatMap((dialect) => {
    const { name } = progressDialects[dialect];
    const reports = answered
      .filter((trial) => trial.dialect === dialect)
      .map(({ surface, items }) => ({ path: surfaces[surface].path, readings: progressIn(items, readableDialects) }));
    const silent = reports.filter(({ readings }) => readings.length === 0).map(({ path }) => path);
    const loud = reports.filter(({ readings }) => readings.length > 0);
    if (dialect === 'silent') {
      return loud.map(({ path }) =>
        warning(`${path} sends progress without a request for it, which breaks strict clients`),
      );
    }
    const faults = loud.flatMap(({ path, readings }) => {
      const fault = progressFault(readings);
      return fault === null ? [] : [failure(`${path} ${name}: ${fault}`, update)];
    });
    if (silent.length === 0) return faults;
    return [...faults, warning(`${name} brings no progress on ${silent.join(', ')}`, update)];
  });
}

/** Lists the clients that break in a dialect meant for them. */
function clientFindings(verdicts: readonly JudgedTrial[]): Finding[] {
  return verdicts
    .filter(({ client, dialect, takes }) => takes === 'breaks' && !isBrokenBy(clientKinds[client], dialect))
    .map(({ client, surface, dialect, why }) =>
      failure(
        `${clientKinds[client].name}, ${progressDialects[dialect].name} on ${surfaces[surface].path}: breaks, ${why}`,
        update,
      ),
    );
}

function isBrokenBy({ breakingDialects }: ClientKind, dialect: ProgressDialectId): boolean {
  return breakingDialects.includes(dialect);
}
