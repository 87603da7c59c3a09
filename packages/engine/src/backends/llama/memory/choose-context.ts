/** In tokens. A model that gets less context than this, and was trained for more, is of little use. */
const leastContext = 4096;
/** Contexts between the least and the trained one are multiples of this, in tokens. */
const step = 256;

export interface ContextChoice {
  /** The context that the model was trained for, in tokens. */
  trained: number;
  /** The memory that the model may take, in bytes, when it shares and when it is alone. */
  room: { shared: number; alone: number };
  /** The memory that the model takes with so much context, in bytes; it grows with the context. */
  bytesWith: (contextSize: number) => Promise<number>;
}

/**
 * The context of a model whose operator set none: the trained one, or as much as fits its share of the limit, so that the
 * models can be in memory together. A model that its share does not hold gets as much as fits when it is alone. Where not
 * even the least useful context fits, it is that one, so that the refusal says what is missing.
 */
export async function chooseContext({ trained, room, bytesWith }: ContextChoice): Promise<number> {
  const least = Math.min(trained, leastContext);
  const most = (await bytesWith(least)) <= room.shared ? room.shared : room.alone;
  if ((await bytesWith(trained)) <= most) return trained;
  let fits = Math.floor(least / step);
  let exceeds = Math.ceil(trained / step);
  while (exceeds - fits > 1) {
    const middle = Math.floor((fits + exceeds) / 2);
    if ((await bytesWith(middle * step)) <= most) fits = middle;
    else exceeds = middle;
  }
  return Math.max(least, fits * step);
}
