#!/usr/bin/env node
import { openFilesLimit, fileLimitFault } from './process/file-limit.ts';

// Importing the rest opens more files than a low file limit allows, so the limit is checked first.
const missing = fileLimitFault(openFilesLimit());
if (missing === null) await import('./command-line.ts');
else {
  process.stderr.write(`headway: ${missing}\n`);
  process.exitCode = 1;
}
