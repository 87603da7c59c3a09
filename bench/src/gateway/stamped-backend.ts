import type { Backend, Slot } from '@headway/engine';

/** Microseconds on the monotonic clock that all processes of a machine share. */
export const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);

/** A token's text: its number in the stream, the time of writing, and padding. */
export function stamp(number: number, atUs: number, padding = ''): string {
  return `${number},${atUs}${padding} `;
}

/** Parses the stamps in a text. The padding must not contain digits, commas or spaces. */
export function* stamps(text: string): Generator<{ number: number; atUs: number }> {
  for (const [, number, atUs] of text.matchAll(/(\d+),(\d+)\D* /g))
    yield { number: Number(number), atUs: Number(atUs) };
}

/**
 * The same backend with a stamp as each token's text: its number and its time of writing. `padding` returns the padding
 * for a prompt's tokens.
 */
export function stamped(backend: Backend, padding: (prompt: string) => string): Backend {
  return {
    name: backend.name,
    modelId: backend.modelId,
    async load(options) {
      const loaded = await backend.load(options);
      for (const slot of loaded.slots) stampSlot(slot, padding);
      return loaded;
    },
  };
}

function stampSlot(slot: Slot, padding: (prompt: string) => string): void {
  const decode = slot.decode.bind(slot);
  slot.decode = (prompt, options) => {
    const pad = padding(prompt.request.prompt ?? '');
    let number = 0;
    return decode(prompt, {
      ...options,
      onPiece: (piece) => options.onPiece({ ...piece, text: stamp(number++, nowUs(), pad) }),
    });
  };
}
