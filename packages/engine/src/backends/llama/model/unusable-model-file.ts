/**
 * A file that cannot be served. Its message gives the reason and the remedy as a phrase that follows the file's path.
 */
export class UnusableModelFile extends Error {
  override name = 'UnusableModelFile';
}
