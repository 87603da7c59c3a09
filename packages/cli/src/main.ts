#!/usr/bin/env node
import { openFilesLimit, whatIsMissing } from './process/file-limit.ts';

// The rest is in more files than a process may open that has few: it is only looked at when it can be read.
const missing = whatIsMissing(openFilesLimit());
if (missing === null) await import('./command-line.ts');
else {
  process.stderr.write(`headway: ${missing}\n`);
  process.exitCode = 1;
}
