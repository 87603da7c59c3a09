import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';

/** A CPU, as far as a binary that was compiled for it depends on it. */
export interface Cpu {
  model: string;
  /** Sets of instructions, sorted, as Linux names them; empty on other systems, where the model says it all. */
  features: string[];
}

/** Linux's flags that are instructions; the others describe the system, and a new kernel may change them. */
const instructions =
  /^(mmx|sse|ssse|pni$|avx|fma|f16c|bmi|abm|lzcnt|popcnt|movbe|movdir|adx|aes|vaes|sha|gfni|pclmul|vpclmul|cx16|amx|xop|tbm|3dnow|fp|asimd|sve|sme|i8mm|bf16|ebf16|crc32|atomics|jscvt|fcma|lrcpc|dcpop|neon|vfp|half|rv|v$|vx|vector)/;

/** Reads the first CPU of `/proc/cpuinfo`, on x86 (`flags`) or Arm (`Features`). `model` stands where the file has none. */
export function readCpuInfo(text: string, model: string): Cpu {
  const [first = ''] = text.split(/\n\s*\n/);
  const entry = (name: string) => new RegExp(`^${name}\\s*:\\s*(.*)$`, 'im').exec(first)?.[1]?.trim();
  const arm = [entry('CPU implementer'), entry('CPU part')].filter((one) => one !== undefined).join(' ');
  const flags = (entry('flags') ?? entry('features') ?? entry('isa') ?? '').split(/\s+/);
  return {
    model: entry('model name') ?? (model.trim() || arm || 'unknown'),
    features: [...new Set(flags.filter((flag) => instructions.test(flag)))].toSorted(),
  };
}

/** The CPU of this machine. */
export async function thisCpu(): Promise<Cpu> {
  const info = process.platform === 'linux' ? await readFile('/proc/cpuinfo', 'utf8').catch(() => '') : '';
  return readCpuInfo(info, cpus()[0]?.model ?? '');
}
