/**
 * Ends the process once what it wrote is out. By then everything is closed; what may be left are connections of a
 * downloader, which would keep the process for seconds.
 */
export function leave(exitCode: number): Promise<never> {
  return new Promise(() => {
    process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
  });
}
