/** The predicate of the error for a file or pipe that is not UTF-8. */
export const notUtf8 = 'is not a text file in UTF-8';

/** Decodes bytes as they arrive. @throws Error naming the source if they are not UTF-8 */
export async function* utf8Text(source: AsyncIterable<Buffer>, name: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (...args: Parameters<TextDecoder['decode']>) => {
    try {
      return decoder.decode(...args);
    } catch (thrown) {
      throw new Error(`${name} ${notUtf8}`, { cause: thrown });
    }
  };
  for await (const bytes of source) yield decode(bytes, { stream: true });
  yield decode();
}
