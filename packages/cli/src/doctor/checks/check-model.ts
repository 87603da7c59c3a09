import { readFile } from 'node:fs/promises';

import {
  createIsolatedEngine,
  describeChat,
  describeModelFile,
  isModelAddress,
  resolveModel,
  type ChatAbilities,
  type Engine,
  type ModelFile,
} from '@headway/engine';
import { abortable, formatBytes, HeadwayError, isHeadwayError, type ModelInfo } from '@headway/protocol';

import { describeBinary } from '../../build/describe-binary.ts';
import { findModel } from '../../models/find-model.ts';
import { chosenCompute, type ComputeFlags } from '../../options/compute-options.ts';
import type { Threads } from '../../options/threads-option.ts';
import { computeFacts } from '../../terminal/compute-facts.ts';
import { count } from '../../terminal/count.ts';
import { failure, ok, warning, type Finding, type Section } from '../finding.ts';
import { formatParameters } from '../../terminal/format-parameters.ts';

export interface CheckModelOptions extends ComputeFlags {
  /** A file, an address or a name in the models folder. @default the embedded model */
  model?: string | undefined;
  ctx?: number | undefined;
  threads?: Threads | undefined;
  signal: AbortSignal;
}

export interface ModelFacts {
  path: string | null;
  info: ModelInfo | null;
  chat: ChatAbilities | null;
  trainContextSize: number | null;
  loadMs: number | null;
  /** Memory of the engine's process with the model, in bytes; null where the system does not report it. */
  memoryBytes: number | null;
  /** Estimated memory of the weights and each slot's whole context without a GPU, in bytes. */
  estimatedBytes: number | null;
}

/** The default number of slots of `headway serve`. */
const slots = 4;

/**
 * Loads a model as `headway serve` does, and reports its properties, memory and speed. The caller closes the returned
 * engine, which is null if the model does not load. Never downloads a model.
 *
 * @throws the signal's reason when it aborts
 */
export async function checkModel({ model, ctx, threads, signal, ...flags }: CheckModelOptions) {
  const compute = chosenCompute(flags);
  const facts: ModelFacts = {
    path: null,
    info: null,
    chat: null,
    trainContextSize: null,
    loadMs: null,
    memoryBytes: null,
    estimatedBytes: null,
  };
  const title = `Model ${model ?? 'storyteller (embedded)'}`;
  const section: Section<ModelFacts> = { id: 'model', title, findings: [], facts };
  const found = findModel(model);
  let engine: Engine | null = null;
  try {
    const path = await abortable(resolveModel(found, { download: false, signal }), signal);
    const file = await abortable(describeModelFile(path), signal);
    facts.path = path;
    facts.trainContextSize = file.trainContextSize;
    facts.chat = await abortable(describeChat(path), signal);
    section.findings.push(fileFinding(path, file, model), chatFinding(facts.chat));
    const began = performance.now();
    let pid: number | null = null;
    const opening = createIsolatedEngine({
      backend: { llama: { model: path, threads, ...compute } },
      parallel: slots,
      contextSize: ctx,
      lazy: true,
      onProcess: (news) => {
        if (news.type === 'started') pid = news.pid ?? null;
      },
    });
    engine = await abortable(opening, signal).catch(async (thrown: unknown) => {
      await opening.then((late) => late.close()).catch(() => undefined);
      throw thrown;
    });
    await abortable(engine.ready(), signal);
    facts.loadMs = Math.round(performance.now() - began);
    const [info] = await abortable(engine.models(), signal);
    if (!info) throw new HeadwayError('internal', 'the engine has no model');
    facts.info = info;
    facts.memoryBytes = pid === null ? null : await residentBytes(pid);
    const each = info.contextSize === null ? 0 : await abortable(file.contextBytes(info.contextSize, compute), signal);
    facts.estimatedBytes = file.weightsBytes + each * slots;
    section.findings.push(
      loadFinding(facts),
      ...binaryFindings(await describeBinary([info], { viaNpm: false })),
      ...contextFindings(facts),
      ...(info.notices ?? []).map(noticeFinding),
      ...threadFindings(info, threads === undefined),
      ...computeFindings(info),
    );
    return { section, engine };
  } catch (thrown) {
    await engine?.close();
    signal.throwIfAborted();
    if (!isHeadwayError(thrown)) throw thrown;
    section.findings.push(failureOf(thrown, found));
    return { section, engine: null };
  }
}

/** The file's size, with its path unless the user gave it. */
function fileFinding(path: string, { sizeBytes, parameters }: ModelFile, named: string | undefined): Finding {
  const what = `${formatBytes(sizeBytes)}, ${formatParameters(parameters)} parameters`;
  return ok(named === undefined || named === path ? what : `${what}, ${path}`);
}

/** What the model's chat template can do. */
export function chatFinding({ template, fault, sample, thinking, switches, calls }: ChatAbilities): Finding {
  if (fault !== null)
    return warning(fault, 'give a valid one with --chat-template-file; until then the model uses a plain one');
  if (!template) {
    return warning(
      'no chat template: the model continues a text, and was not trained to answer',
      'use /v1/completions or headway run --raw, or take an instruct model for a chat',
    );
  }
  const switched = switches.length > 0 ? ` (${switches.join(', ')})` : '';
  const written =
    calls === null ? 'no form of its own' : calls.kind === 'channels' ? 'in channels' : `as ${calls.arguments.kind}`;
  return ok(
    `says ${shortened(JSON.stringify(sample))} for "Hello"; thinks: ${thinking ? 'yes' : 'no'}${switched}; calls: ${written}`,
  );
}

/** Keeps the end of a long text: the answer begins there. */
function shortened(text: string): string {
  return text.length > 160 ? `…${text.slice(-160)}` : text;
}

function loadFinding({ loadMs, memoryBytes, estimatedBytes, info }: ModelFacts): Finding {
  const device = info?.device && info.device !== 'cpu' ? `, computes by ${info.device}` : '';
  const memory =
    memoryBytes !== null
      ? `its engine takes ${formatBytes(memoryBytes)} of memory`
      : `takes about ${formatBytes(estimatedBytes ?? 0)} of memory`;
  return ok(`loads in ${((loadMs ?? 0) / 1000).toFixed(1)} s, ${memory}${device}`);
}

function binaryFindings(line: string | null): Finding[] {
  return line === null ? [] : [ok(line)];
}

function contextFindings({ info, trainContextSize }: ModelFacts): Finding[] {
  if (!info?.contextSize) return [];
  const what = `context of ${count(info.contextSize, 'token')} for each of ${slots} slots`;
  if (trainContextSize === null || info.contextSize >= trainContextSize) return [ok(what)];
  return [ok(`${what}; trained for ${trainContextSize.toLocaleString('en')}`)];
}

function noticeFinding(notice: string): Finding {
  const [what = notice, remedy = ''] = notice.split('; ');
  return warning(what, remedy);
}

function threadFindings({ threads, prefillThreads, device }: ModelInfo, measured: boolean): Finding[] {
  if (threads === null) return [];
  const reading = prefillThreads ?? threads;
  const counts =
    reading === threads ? `${count(threads, 'thread')}` : `${count(threads, 'thread')} to write, ${reading} to read`;
  return [ok(`computes with ${counts}${measured && device === 'cpu' ? ', as measured' : ''}`)];
}

function computeFindings(info: ModelInfo): Finding[] {
  const facts = computeFacts(info);
  return facts.length > 0 ? [ok(facts.join(', '))] : [];
}

function failureOf({ message }: HeadwayError, found: string): Finding {
  const [what = message, remedy] = message.replace(/^model: /, '').split('; ');
  if (isModelAddress(found) && /is not downloaded/.test(what)) return failure(what, `headway models pull ${found}`);
  return failure(what, remedy);
}

/** A process's resident memory; null on systems other than Linux. */
async function residentBytes(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const [, kilobytes] = /^VmRSS:\s*(\d+) kB$/m.exec(status) ?? [];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}
