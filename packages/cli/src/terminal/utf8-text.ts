/** What is said of a file or a pipe that holds something else. */
export const notUtf8 = 'is not a text file in UTF-8';

/** The text of bytes as they come. @throws Error naming the source when they are no UTF-8 */
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
