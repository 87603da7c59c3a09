import type { FastifyReply, FastifyRequest } from 'fastify';

import type { AskedTools } from './asked-tools.ts';
import { familyOf } from './hosted-tool.ts';

export const leftOutHeader = 'x-headway-tools-left-out';

/** Reports the tools that the gateway left out: in a header of each answer, and in the log once for each family. */
export class LeftOutToolsReporter {
  /** The families that the log already has. */
  readonly #logged = new Set<string>();

  report({ log }: Pick<FastifyRequest, 'log'>, reply: Pick<FastifyReply, 'header'>, { leftOut }: AskedTools): void {
    if (leftOut.length === 0) return;
    void reply.header(leftOutHeader, leftOut.join(', '));
    const kinds = leftOut.map(familyOf).filter((kind) => !this.#logged.has(kind));
    for (const kind of kinds) this.#logged.add(kind);
    if (kinds.length > 0) log.warn({ leftOut: kinds }, 'left out tools that only the provider’s servers can run');
  }
}
