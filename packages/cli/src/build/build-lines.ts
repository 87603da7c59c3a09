import type { BuildGain, BuildResult, MeasuredGain } from '@headway/engine';
import type { DecodeTrial, ModelInfo } from '@headway/protocol';

import { count } from '../terminal/count.ts';
import { lostSpeed } from './lost-speed.ts';

/** `writes 1.62 times as fast as the prebuilt binary and reads 2.05 times, as measured` */
export function gainWords({ decode, prefill }: BuildGain): string {
  return `writes ${times(decode)} as fast as the prebuilt binary and reads ${times(prefill)}, as measured`;
}

const times = (ratio: number) => `${ratio.toFixed(2)} times`;

/** What `headway build` prints at its end. */
export function resultLines(
  { build, existed, compute, texts, gain, prebuiltFault }: BuildResult,
  { tookMs }: { tookMs: number },
): string {
  if (!build) throw new Error('a build that was not kept has no lines');
  const { record, folder } = build;
  const what = `llama.cpp ${record.llamaCpp} for ${compute === 'cpu' ? record.cpu.model : compute}`;
  if (existed) {
    const lines = [
      `${what} is built already, in ${folder}; --force builds it again`,
      ...(gain ? [gainWords(gain)] : []),
    ];
    return lines.map((line) => `${line}\n`).join('');
  }
  const lines = [
    `built ${what} in ${duration(tookMs)}${record.openMp ? '' : ', without OpenMP, which the compiler lacks'}`,
    ...(texts
      ? [`${texts.equal} of ${texts.texts} texts are the same as the prebuilt binary's${tieWords(texts)}`]
      : []),
    ...(gain ? [gainWords(gain)] : []),
    ...(prebuiltFault === null
      ? []
      : [
          `${texts ? 'speed not compared' : 'compared with nothing'}: the prebuilt binary does not run here (${prebuiltFault})`,
        ]),
    `kept in ${folder}; every command uses it from now on, and headway build --remove removes it`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function tieWords({ texts, equal }: { texts: number; equal: number }): string {
  return equal === texts ? '' : '; the others differ from two equally likely tokens on';
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export interface BinaryFacts {
  models: readonly Pick<ModelInfo, 'id' | 'binary' | 'device' | 'decodeTrials'>[];
  /** The measured gain of the build that is used; null if it is unknown. */
  gain: BuildGain | null;
  /** The measured gain of a build for this CPU that is not used; null without one. */
  earlier: MeasuredGain | null;
  /** Whether a build was forbidden. */
  prebuilt: boolean;
  /** How `headway build` is called here. */
  command: string;
  platform: string;
}

/**
 * One line about the binary that models run on; null where it is not llama.cpp's. It says what a build brings only by
 * what was measured here: by an earlier build, or by the threads of the prebuilt binary.
 */
export function binaryLine({ models, gain, earlier, prebuilt, command, platform }: BinaryFacts): string | null {
  const known = models.filter(({ binary }) => binary !== undefined);
  if (known.length === 0) return null;
  if (known.some(({ binary }) => binary === 'built'))
    return `llama.cpp: built for this machine${gain ? `; ${gainWords(gain)}` : ''}`;
  if (prebuilt) return 'llama.cpp: the prebuilt binary, as asked';
  const onCpu = known.every(({ device }) => device === 'cpu');
  if (!onCpu || platform === 'win32') return 'llama.cpp: the prebuilt binary';
  if (earlier) {
    const which = `the build of ${earlier.builtAt.slice(0, 10)}${earlier.kept ? '' : ' was not kept: it'}`;
    return `llama.cpp: the prebuilt binary; ${which} ${gainWords(earlier)}`;
  }
  const lost = lostSpeed(known);
  if (!lost) return 'llama.cpp: the prebuilt binary';
  const { model, fewer, more } = lost;
  return (
    `llama.cpp: the prebuilt binary, which makes its threads anew for each token (${model}: ${stepWords(fewer)}, ` +
    `${stepWords(more)}); ${command} compiles one that keeps them, and keeps it if it measures faster`
  );
}

const stepWords = ({ threads, ms }: DecodeTrial) =>
  `${ms < 10 ? ms.toPrecision(2) : Math.round(ms)} ms with ${count(threads, 'thread')}`;
