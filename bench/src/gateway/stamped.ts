import type { Backend, Slot } from '@headway/engine';

/** Microseconds on the clock that all processes of a machine share. */
export const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);

/** A word as it is written: its number in the stream, the time it was written at, and what fills it up. */
export function stamp(number: number, atUs: number, filling = ''): string {
  return `${number},${atUs}${filling} `;
}

/** Reads the words of a text that was stamped; `filling` has no digits, commas or spaces. */
export function* stamps(text: string): Generator<{ number: number; atUs: number }> {
  for (const [, number, atUs] of text.matchAll(/(\d+),(\d+)\D* /g))
    yield { number: Number(number), atUs: Number(atUs) };
}

/**
 * The same backend, whose every token says what number it is and when it was written. `filling` is added to each word,
 * by request.
 */
export function stamped(backend: Backend, filling: (prompt: string) => string): Backend {
  return {
    name: backend.name,
    modelId: backend.modelId,
    async load(options) {
      const loaded = await backend.load(options);
      for (const slot of loaded.slots) stampSlot(slot, filling);
      return loaded;
    },
  };
}

function stampSlot(slot: Slot, filling: (prompt: string) => string): void {
  const decode = slot.decode.bind(slot);
  slot.decode = (prompt, options) => {
    const fill = filling(prompt.request.prompt ?? '');
    let number = 0;
    return decode(prompt, {
      ...options,
      onPiece: (piece) => options.onPiece({ ...piece, text: stamp(number++, nowUs(), fill) }),
    });
  };
}
