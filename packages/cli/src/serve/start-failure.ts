import { isHeadwayError } from '@headway/protocol';

/** Why `headway serve` did not start, with the remedy, in one sentence. */
export function describeStartFailure(thrown: unknown, { port, host }: { port: number; host: string }): string {
  if (isHeadwayError(thrown)) return thrown.message;
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is taken; choose another with --port, or --port 0 for any free one`;
    case 'EACCES':
      return `port ${port} may not be opened by this user; choose one above 1023 with --port`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is not an address of this machine; check --host`;
    default:
      return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
