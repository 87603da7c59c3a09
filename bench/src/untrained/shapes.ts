/** Sizes of a decoder of llama's kind: grouped attention, a gated feed-forward network. */
export interface Shape {
  layers: number;
  width: number;
  heads: number;
  /** Heads of keys and values. */
  kvHeads: number;
  /** Width of the feed-forward network. */
  hidden: number;
}

/** Shapes of published models. All have the embedded model's vocabulary, so they are smaller than those. */
export const shapes = {
  /** SmolLM 135M. */
  '100m': { layers: 30, width: 576, heads: 9, kvHeads: 3, hidden: 1536 },
  /** Qwen 2 0.5B. */
  '364m': { layers: 24, width: 896, heads: 14, kvHeads: 2, hidden: 4864 },
  /** Llama 3.2 1B. */
  '1b': { layers: 16, width: 2048, heads: 32, kvHeads: 8, hidden: 8192 },
  /** Mistral 7B. */
  '7b': { layers: 32, width: 4096, heads: 32, kvHeads: 8, hidden: 14336 },
} satisfies Record<string, Shape>;

export type ShapeName = keyof typeof shapes;

export const isShapeName = (name: string): name is ShapeName => Object.hasOwn(shapes, name);
