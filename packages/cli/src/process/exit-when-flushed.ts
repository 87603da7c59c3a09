/**
 * Exits once stdout and stderr are flushed. Call it after closing everything: what may be left are a downloader's
 * connections, which would keep the process running for seconds.
 */
export function exitWhenFlushed(exitCode: number): Promise<never> {
  return new Promise(() => {
    // A failed write reports first and exits with its own code.
    const exit = () => setImmediate(() => process.exit(exitCode));
    process.stdout.write('', () => setImmediate(() => process.stderr.write('', exit)));
  });
}
