import { HeadwayError } from '@headway/protocol';
import { GgufInsights, type GgufFileInfo, type Llama } from 'node-llama-cpp';

import { blockOf, isQuantised, type KvType, type KvTypes } from './kv-types.ts';

/** What llama.cpp checks about a model before it makes a memory for it. */
interface KvShape {
  /** Lengths of the layers' heads, in numbers; empty where the file does not say. */
  keyLengths: readonly number[];
  valueLengths: readonly number[];
  /** Whether keys and values share one memory (multi-head latent attention), so that both have one type. */
  shared: boolean;
  /** Whether flash attention can compute the model. */
  flashAttention: boolean;
}

/**
 * Refuses types that llama.cpp cannot keep a model's keys and values in, before the weights are loaded.
 *
 * @throws HeadwayError `model-load-failed`
 */
export async function checkKvTypes(file: GgufFileInfo, instance: Llama, types: KvTypes): Promise<void> {
  const { flashAttentionSupported } = await GgufInsights.from(file, instance);
  const problem = whyKvTypesDoNotFit(types, kvShapeOf(file, flashAttentionSupported));
  if (problem !== null) throw new HeadwayError('model-load-failed', `kvType: ${problem}`);
}

/** The shape of a model's memory, by the head of its file. */
export function kvShapeOf(
  { architectureMetadata }: Pick<GgufFileInfo, 'architectureMetadata'>,
  flashAttention: boolean,
): KvShape {
  const attention: Readonly<Record<string, unknown>> = { ...architectureMetadata?.attention };
  const heads = numbersOf(attention['head_count']).filter((count) => count > 0);
  const [width = 0] = numbersOf(architectureMetadata?.embedding_length);
  const lengths = (key: string) => {
    const own = numbersOf(attention[key]);
    return own.length > 0 ? own : [...new Set(heads.map((count) => width / count))];
  };
  return {
    keyLengths: lengths('key_length'),
    valueLengths: lengths('value_length'),
    shared: numbersOf(attention['key_length_mla']).length > 0,
    flashAttention,
  };
}

/** Why a model cannot have a memory of these types, with the remedy; null when it can. */
export function whyKvTypesDoNotFit({ keys, values }: KvTypes, shape: KvShape): string | null {
  if (shape.shared && keys !== values)
    return `the model keeps keys and values in one memory; give one type for both, such as --kv-type ${keys}`;
  const { keyLengths, valueLengths } = shape;
  for (const [what, type, lengths] of [
    ['keys', keys, keyLengths],
    ['values', values, valueLengths],
  ] as const) {
    const odd = oddLength(type, lengths);
    if (odd !== undefined)
      return `${type} packs ${blockOf(type)} numbers, and the model's ${what} have ${odd}; use --kv-type f16`;
  }
  if (isQuantised(values) && !shape.flashAttention)
    return `values of ${values} need flash attention, which cannot compute this model; use --kv-type ${isQuantised(keys) ? `${keys},f16` : 'f16'}`;
  return null;
}

const oddLength = (type: KvType, lengths: readonly number[]) => lengths.find((length) => length % blockOf(type) !== 0);

/** A number, or one for each layer, as a list. */
function numbersOf(value: unknown): number[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map(Number).filter(Number.isFinite);
}
