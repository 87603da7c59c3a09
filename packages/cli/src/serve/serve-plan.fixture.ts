import { serveCommand } from './serve-command.ts';
import type { ServeFlags } from './serve-options.ts';

/** The flags of a command line of `headway serve`, and the names of those that it sets. */
export function parseServe(...args: string[]): { flags: ServeFlags; given: Set<string> } {
  const command = serveCommand().exitOverride();
  command.action(() => undefined).parse(args, { from: 'user' });
  const names = command.options.map((option) => option.attributeName());
  return {
    flags: command.opts<ServeFlags>(),
    given: new Set(names.filter((name) => command.getOptionValueSource(name) === 'cli')),
  };
}
