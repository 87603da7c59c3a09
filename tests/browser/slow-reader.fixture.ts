import { scripted } from '@headway/engine';

/** A scripted backend for an engine in a process of its own, which reads slowly enough to be killed meanwhile. */
export default function slowReader() {
  return scripted({ maxChunk: 100, script: { prefillTokensPerSecond: 500 } });
}
