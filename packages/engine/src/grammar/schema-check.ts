import type { Misfit, ToolCall } from '@headway/protocol';

import { type JsonFault, type JsonGrammar, judgeJson } from '@headway/json-grammar';

/** Most places listed for one request; further ones are only counted. */
const mostListed = 16;

/** Most characters of one listed place: a place contains property names, which the user chooses. */
const longestPlace = 200;

/** The result of checking an answer against the request's schemas. */
export interface SchemaCheckResult {
  fits: boolean;
  misfits: Misfit[];
}

/** The schemas of one request that its grammars enforce only in part, to check the answer against at its end. */
export class SchemaCheck {
  readonly #leftOut = new Set<string>();
  readonly #toolSchemas = new Map<string, unknown>();
  #formatSchema: unknown;

  addFormat(schema: unknown, { leftOut }: JsonGrammar): void {
    if (leftOut.length > 0) this.#formatSchema = schema;
    this.#leaveOut(leftOut);
  }

  /** May be called twice for a tool: for its grammar, and for the model's own call syntax. */
  addTool(name: string, schema: unknown, { leftOut }: Pick<JsonGrammar, 'leftOut'> & Partial<JsonGrammar>): void {
    if (leftOut.length > 0) this.#toolSchemas.set(name, schema);
    this.#leaveOut(leftOut);
  }

  #leaveOut(places: readonly string[]): void {
    for (const place of places) this.#leftOut.add(place);
  }

  /** The fields that no grammar enforces; the last entry may be "and n more". */
  get leftOut(): string[] {
    const listed = [...this.#leftOut]
      .slice(0, mostListed)
      .map((place) => (place.length > longestPlace ? `${place.slice(0, longestPlace)}…` : place));
    const more = this.#leftOut.size - listed.length;
    return more === 0 ? listed : [...listed, `and ${more} more`];
  }

  /** Whether `check` needs the answer's text, so that the caller must keep it. */
  get checksText(): boolean {
    return this.#formatSchema !== undefined;
  }

  /** Null when the grammars enforced everything in this answer, or when a schema cannot be checked. */
  check(text: string, toolCalls: readonly ToolCall[]): SchemaCheckResult | null {
    // An answer that consists of tool calls has blank text.
    const ofText =
      this.checksText && text.trim() !== '' ? [{ fault: judgeJson(this.#formatSchema, text), toolCall: null }] : [];
    const ofCalls = toolCalls.flatMap(({ name, arguments: json }, toolCall) =>
      this.#toolSchemas.has(name) ? [{ fault: judgeJson(this.#toolSchemas.get(name), json), toolCall }] : [],
    );
    const checked = [...ofText, ...ofCalls];
    const misfits = checked.flatMap(({ fault, toolCall }) => (fault ? [misfitOf(fault, toolCall)] : []));
    if (misfits.length > 0) return { fits: false, misfits };
    return checked.length > 0 && checked.every(({ fault }) => fault === null) ? { fits: true, misfits } : null;
  }
}

function misfitOf(fault: JsonFault, toolCall: number | null): Misfit {
  return { ...(toolCall !== null && { toolCall }), ...fault };
}
