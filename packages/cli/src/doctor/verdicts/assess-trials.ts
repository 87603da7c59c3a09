import { failure, ok, warning, type Finding, type Section } from '../finding.ts';
import { progressModeIds, progressModes, type ProgressModeId } from '../streams/progress-dialects.ts';
import { surfaceIds, surfaces, type SurfaceId } from '../streams/surfaces.ts';
import type { Trial } from '../trials/try-stream.ts';
import { clientKindIds, clientKinds, type ClientKind, type ClientKindId } from './client-kinds.ts';
import { judge, type Verdict } from './judge.ts';
import { dialects, progressFault, progressIn, type Dialect } from './progress-readings.ts';

export interface JudgedTrial extends Verdict {
  client: ClientKindId;
  surface: SurfaceId;
  mode: ProgressModeId;
}

export interface StreamFacts {
  trials: { surface: SurfaceId; mode: ProgressModeId; outcome: Trial['outcome']; why: string | null }[];
  verdicts: JudgedTrial[];
}

type Answered = Extract<Trial, { outcome: 'answered' }>;

const allDialects = Object.keys(dialects) as Dialect[];

const moreTime = 'give it longer with --timeout; a busy gateway, or a large model on a slow machine, takes its time';

const update = 'update the gateway, or look for a proxy before it that changes streams';

/** What each kind of client makes of what was tried, and what is wrong with it. */
export function assessTrials(trials: readonly Trial[]): Section<StreamFacts> {
  const answered = trials.filter((trial) => trial.outcome === 'answered');
  const verdicts = answered.flatMap(({ surface, mode, items }) =>
    clientKindIds
      .filter((client) => asks(clientKinds[client], surface))
      .map((client) => ({ client, surface, mode, ...judge(clientKinds[client], surface, items) })),
  );
  return {
    id: 'streams',
    title: 'Streams',
    findings: [...surfaceFindings(trials), ...progressFindings(answered), ...clientFindings(verdicts)],
    facts: {
      trials: trials.map((trial) => {
        const { surface, mode, outcome } = trial;
        return { surface, mode, outcome, why: outcome === 'failed' ? trial.why : null };
      }),
      verdicts,
    },
  };
}

export function asks({ surfaces: asked }: ClientKind, surface: SurfaceId): boolean {
  return asked.includes(surface);
}

/** One line for all surfaces that did what they should, one for each thing that another did not. */
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
        return [warning(`${path} is absent`, 'update the gateway, if clients ask there')];
      case 'failed':
        return [failure(`${path} ${progressModes[trial.mode].name}: ${trial.why}`, trial.late ? moreTime : update)];
      default:
        return trial satisfies never;
    }
  });
  const all = `${whole.map((path) => path.replace('/v1/', '')).join(', ')}: all ${progressModeIds.length} modes stream`;
  return whole.length > 0 ? [ok(`/v1 ${all}`), ...problems] : problems;
}

/** Whether each mode tells of the prompt, and all of it. */
function progressFindings(answered: readonly Answered[]): Finding[] {
  return progressModeIds.flatMap((mode) => {
    const { name } = progressModes[mode];
    const told = answered
      .filter((trial) => trial.mode === mode)
      .map(({ surface, items }) => ({ path: surfaces[surface].path, readings: progressIn(items, allDialects) }));
    const silent = told.filter(({ readings }) => readings.length === 0).map(({ path }) => path);
    const loud = told.filter(({ readings }) => readings.length > 0);
    if (mode === 'silent') {
      return loud.map(({ path }) =>
        warning(`${path} tells of the prompt unasked, which strict clients may not survive`),
      );
    }
    const faults = loud.flatMap(({ path, readings }) => {
      const fault = progressFault(readings);
      return fault === null ? [] : [failure(`${path} ${name}: ${fault}`, update)];
    });
    if (silent.length === 0) return faults;
    return [...faults, warning(`${name} tells nothing of the prompt on ${silent.join(', ')}`, update)];
  });
}

/** Clients that break in a mode that promises to break none of them. */
function clientFindings(verdicts: readonly JudgedTrial[]): Finding[] {
  return verdicts
    .filter(({ client, mode, takes }) => takes === 'breaks' && !isUnfit(clientKinds[client], mode))
    .map(({ client, surface, mode, why }) =>
      failure(
        `${clientKinds[client].name}, ${progressModes[mode].name} on ${surfaces[surface].path}: breaks, ${why}`,
        update,
      ),
    );
}

function isUnfit({ unfit }: ClientKind, mode: ProgressModeId): boolean {
  return unfit.includes(mode);
}
