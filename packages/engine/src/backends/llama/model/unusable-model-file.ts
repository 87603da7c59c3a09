/** A file that cannot be served. Its message says why and what to do about it, in words that go on from the file's path. */
export class UnusableModelFile extends Error {
  override name = 'UnusableModelFile';
}
