/**
 * Ends the process once what it wrote is out. By then everything is closed; what may be left are connections of a
 * downloader, which would keep the process for seconds.
 */
export function leave(exitCode: number): Promise<never> {
  return new Promise(() => {
    // An output that failed says so first, and has an exit code of its own.
    const exit = () => setImmediate(() => process.exit(exitCode));
    process.stdout.write('', () => setImmediate(() => process.stderr.write('', exit)));
  });
}
