import { open, stat } from 'node:fs/promises';

import { readGgufFileInfo, type GgufFileInfo } from 'node-llama-cpp';

import { firstBytes, describeOtherFile } from './first-bytes.ts';
import { whyItCannotGenerate } from './model-kind.ts';
import { bytesFor } from './tensor-bytes.ts';
import { UnusableModelFile } from './unusable-model-file.ts';

/** Long arrays that the check does not need. */
const ignoreKeys = ['tokens', 'scores', 'token_type', 'merges'].map((key) => `tokenizer.ggml.${key}`);

/** Least bytes of a head's start (magic, version and two counts), and of each entry and tensor after it. */
const leastBytes = { head: 24, entry: 13, tensor: 32 };

/**
 * Checks a model's file, every part of a split one, before its weights are loaded. Resolves with the file's head.
 *
 * @throws UnusableModelFile when it surely generates no text, is cut off, or is a known format other than GGUF; errors
 * of the file system; node-llama-cpp's errors for a head that it cannot read
 */
export async function checkModelFile(path: string, signal?: AbortSignal): Promise<GgufFileInfo> {
  const parts = await partsOf(path);
  const sizes = new Map<string, number>();
  for (const part of parts) sizes.set(part, await checkStart(part));
  signal?.throwIfAborted();
  const info = await readGgufFileInfo(path, {
    sourceType: 'filesystem',
    logWarnings: false,
    ignoreKeys,
    ...(signal && { signal }),
  });
  parts.forEach((part, at) => checkLength(info, at, sizes.get(part) ?? 0, part === path ? '' : `(${part}) `));
  const metadata: Partial<GgufFileInfo['metadata']> = info.metadata;
  const { pooling_type: pooling, attention } = info.architectureMetadata ?? {};
  const problem = whyItCannotGenerate({
    architecture: textOrNull(metadata.general?.architecture),
    type: textOrNull(metadata.general && 'type' in metadata.general ? metadata.general.type : null),
    pooling: typeof pooling === 'number' ? pooling : null,
    causal: typeof attention?.causal === 'boolean' ? attention.causal : null,
    tensors: Number(info.totalTensorCount),
  });
  if (problem !== null) throw new UnusableModelFile(problem);
  return info;
}

/** All files of a model. @throws UnusableModelFile when the file is not the first part or another part is missing */
async function partsOf(path: string): Promise<string[]> {
  const [ending, part, count] = /-(\d{5})-of-(\d{5})\.gguf$/.exec(path) ?? [];
  if (ending === undefined) return [path];
  const nameOf = (number: number) =>
    `${path.slice(0, -ending.length)}-${String(number).padStart(5, '0')}-of-${count}.gguf`;
  if (Number(part) !== 1) {
    throw new UnusableModelFile(`is part ${Number(part)} of ${Number(count)} of a split model; use ${nameOf(1)}`);
  }
  await stat(path);
  const parts = Array.from({ length: Number(count) }, (_, at) => nameOf(at + 1));
  const missing: string[] = [];
  for (const name of parts) if (!(await exists(name))) missing.push(name);
  if (missing.length === 0) return parts;
  const which = missing.length === 1 ? `the file ${missing[0]} is` : `${missing.length} files (${missing[0]}, …) are`;
  throw new UnusableModelFile(
    `is the first of ${Number(count)} parts, and ${which} not there; download what is missing into the same folder`,
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return false;
    throw thrown;
  }
}

/** Resolves with the file's size in bytes. */
async function checkStart(path: string): Promise<number> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(firstBytes), 0, firstBytes, 0);
    const start = buffer.subarray(0, bytesRead);
    const what = describeOtherFile(start, size);
    if (what !== null) throw new UnusableModelFile(what);
    if (start.toString('latin1', 0, 4) !== 'GGUF') return size;
    // node-llama-cpp reads zeros past the end of a head that is cut off, and may not return from a damaged one.
    const counts = size < leastBytes.head ? null : [start.readBigUInt64LE(8), start.readBigUInt64LE(16)].map(Number);
    const [tensors = 0, entries = 0] = counts ?? [];
    if (counts === null || leastBytes.head + tensors * leastBytes.tensor + entries * leastBytes.entry > size) {
      throw new UnusableModelFile(cutInHead(size));
    }
    return size;
  } finally {
    await file.close();
  }
}

function checkLength(info: GgufFileInfo, part: number, size: number, name: string): void {
  const source = info.sourceData[part];
  if (source?.type === 'path' && source.length > size) throw new UnusableModelFile(`${name}${cutInHead(size)}`);
  const tensors = (info.fullTensorInfo ?? info.tensorInfo ?? []).filter(({ filePart }) => (filePart ?? 1) === part + 1);
  const needed = bytesFor(tensors);
  if (needed <= size) return;
  throw new UnusableModelFile(`${name}is cut off: ${bytes(size)} of ${bytes(needed)} bytes; download it again`);
}

const cutInHead = (size: number) =>
  `is damaged or cut off: its ${bytes(size)} bytes end before its list of weights does; download it again`;
const bytes = (count: number) => count.toLocaleString('en');
const textOrNull = (value: unknown) => (typeof value === 'string' ? value : null);
