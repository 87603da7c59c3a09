import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

import { describeCompute, findTools, type Compute } from '@headway/engine';

import { formatBytes } from '@headway/protocol';
import { count } from '../../terminal/count.ts';
import { failure, ok, warning, type Finding, type Section } from '../finding.ts';

export interface MachineFacts {
  node: string;
  platform: string;
  /** Processor cores that this process may use. */
  cores: number;
  memoryBytes: number;
  freeMemoryBytes: number;
  /** Null if llama.cpp does not start. */
  compute: Compute | null;
  /** What `headway build` lacks here, with the remedy; null if it can run. */
  buildFault: string | null;
}

/** The oldest Node that Headway runs on. */
const leastNode = [20, 19] as const;

/** Checks what this machine offers to models. */
export async function checkMachine(): Promise<Section<MachineFacts>> {
  const compute = await describeCompute().catch((thrown: unknown) => (thrown instanceof Error ? thrown.message : ''));
  const limit = process.constrainedMemory();
  const facts = {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    memoryBytes: limit > 0 ? Math.min(limit, totalmem()) : totalmem(),
    freeMemoryBytes: process.availableMemory(),
    compute: typeof compute === 'string' ? null : compute,
    buildFault: (await findTools()).fault,
  };
  return {
    id: 'machine',
    title: 'Machine',
    findings: [
      nodeFinding(facts),
      ...coreFindings(facts),
      memoryFinding(facts),
      computeFinding(compute),
      buildFinding(facts),
    ],
    facts,
  };
}

function nodeFinding({ node, platform }: MachineFacts): Finding {
  const what = `Node ${node}, ${platform}`;
  return isOld(node) ? failure(what, `install Node ${leastNode.join('.')} or newer`) : ok(what);
}

export function isOld(node: string): boolean {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  return major < leastNode[0] || (major === leastNode[0] && minor < leastNode[1]);
}

function coreFindings({ cores }: MachineFacts): Finding[] {
  const all = cpus().length;
  const what = `${count(cores, 'core')}${all > cores ? `, of ${all} in the machine` : ''}`;
  const [busy = 0] = loadavg();
  if (busy < cores) return [ok(what)];
  return [
    warning(
      `${what}, and a load of ${busy.toFixed(1)}`,
      'other programs slow models down: stop them, or give fewer --threads',
    ),
  ];
}

function memoryFinding({ memoryBytes, freeMemoryBytes }: MachineFacts): Finding {
  return ok(`${formatBytes(memoryBytes)} memory, ${formatBytes(Math.min(freeMemoryBytes, memoryBytes))} free`);
}

function computeFinding(compute: Compute | string): Finding {
  if (typeof compute === 'string') {
    return failure(
      `llama.cpp does not start: ${compute.replace(/\s+/g, ' ').trim()}`,
      'install again with optional packages, which hold its binaries',
    );
  }
  const { gpu, devices, vramBytes, freeVramBytes } = compute;
  if (gpu === null) return ok('no GPU that llama.cpp can use: models compute on the CPU');
  const names = devices.length > 0 ? devices.join(', ') : 'GPU';
  return ok(`${names} by ${gpu}, ${formatBytes(vramBytes)}, ${formatBytes(freeVramBytes)} free`);
}

/** Whether `headway build` can run here. It is a choice, so nothing is wrong where it cannot. */
function buildFinding({ buildFault }: MachineFacts): Finding {
  return ok(buildFault === null ? 'headway build finds what it needs' : `headway build cannot run: ${buildFault}`);
}
