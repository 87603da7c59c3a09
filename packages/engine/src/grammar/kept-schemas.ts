import type { Misfit, ToolCall } from '@headway/protocol';

import { type JsonFault, type JsonGrammar, judgeJson } from '@headway/json-grammar';

/** Places that are told of one request; more are but counted. */
const mostTold = 16;

/** Characters of a place, which may have names of the user's own. */
const longestPlace = 200;

/** How an answer fits the schemas that were asked for. */
export interface SchemaFit {
  fits: boolean;
  misfits: Misfit[];
}

/** The schemas of one request that its grammars keep in part only. */
export class KeptSchemas {
  readonly #leftOut = new Set<string>();
  readonly #ofTools = new Map<string, unknown>();
  #ofFormat: unknown;

  ofFormat(schema: unknown, { leftOut }: JsonGrammar): void {
    if (leftOut.length > 0) this.#ofFormat = schema;
    this.#leaveOut(leftOut);
  }

  /** May be said twice of a tool: of its grammar, and of the form in which it is called. */
  ofTool(name: string, schema: unknown, { leftOut }: Pick<JsonGrammar, 'leftOut'> & Partial<JsonGrammar>): void {
    if (leftOut.length > 0) this.#ofTools.set(name, schema);
    this.#leaveOut(leftOut);
  }

  #leaveOut(places: readonly string[]): void {
    for (const place of places) this.#leftOut.add(place);
  }

  /** What was left out, by field; the last may say how many more there are. */
  get leftOut(): string[] {
    const told = [...this.#leftOut]
      .slice(0, mostTold)
      .map((place) => (place.length > longestPlace ? `${place.slice(0, longestPlace)}…` : place));
    const more = this.#leftOut.size - told.length;
    return more === 0 ? told : [...told, `and ${more} more`];
  }

  /** Whether what was left out of the format's schema makes its text worth keeping. */
  get judgesText(): boolean {
    return this.#ofFormat !== undefined;
  }

  /** Null where nothing was left out that this answer could miss, or where nobody can tell. */
  judge(text: string, toolCalls: readonly ToolCall[]): SchemaFit | null {
    // Blank: an answer in calls has no text.
    const ofText =
      this.judgesText && text.trim() !== '' ? [{ fault: judgeJson(this.#ofFormat, text), toolCall: null }] : [];
    const ofCalls = toolCalls.flatMap(({ name, arguments: json }, toolCall) =>
      this.#ofTools.has(name) ? [{ fault: judgeJson(this.#ofTools.get(name), json), toolCall }] : [],
    );
    const judged = [...ofText, ...ofCalls];
    const misfits = judged.flatMap(({ fault, toolCall }) => (fault ? [misfitOf(fault, toolCall)] : []));
    if (misfits.length > 0) return { fits: false, misfits };
    return judged.length > 0 && judged.every(({ fault }) => fault === null) ? { fits: true, misfits } : null;
  }
}

function misfitOf(fault: JsonFault, toolCall: number | null): Misfit {
  return { ...(toolCall !== null && { toolCall }), ...fault };
}
