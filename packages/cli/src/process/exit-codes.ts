/** The exit codes of `headway`. A signal's code is 128 plus its number, as in shells. */
export const exitCodes = { ok: 0, failure: 1, usage: 2, hungUp: 129, interrupted: 130, terminated: 143 } as const;

export const exitCodesHelp = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (Ctrl-C), 143 terminated`;

export function signalExitCode(signal: NodeJS.Signals): number {
  if (signal === 'SIGHUP') return exitCodes.hungUp;
  return signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
}
