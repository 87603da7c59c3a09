import { canDraw, colorsFor } from '../terminal/stream-colors.ts';
import { jsonText } from '@headway/protocol';
import type { Section } from './finding.ts';
import { sectionLines, tableLines } from './report-lines.ts';
import type { StreamFacts } from './verdicts/assess-trials.ts';

const clearLine = '\r\u001b[2K';

/** Prints each section as it is added, or all of them as JSON at the end. */
export class Report {
  readonly #json: boolean;
  readonly #colors = colorsFor(process.stdout);
  readonly #sections: Section[] = [];
  #busy = false;

  constructor({ json }: { json: boolean }) {
    this.#json = json;
  }

  /** Whether no finding so far is a failure. */
  get ok(): boolean {
    return this.#sections.every(({ findings }) => findings.every(({ state }) => state !== 'failure'));
  }

  /** Shows the current step on a terminal. */
  busy(what: string): void {
    if (!canDraw(process.stderr)) return;
    process.stderr.write(`${clearLine}${what} …`);
    this.#busy = true;
  }

  /** Removes the line of `busy`. */
  idle(): void {
    if (this.#busy) process.stderr.write(clearLine);
    this.#busy = false;
  }

  add(section: Section): void {
    this.#print(`${this.#sections.length > 0 ? '\n' : ''}${sectionLines(section, this.#colors)}`);
    this.#sections.push(section);
  }

  /** Adds the section of the trials, and prints its table. */
  addTrials(section: Section<StreamFacts>): void {
    const { verdicts } = section.facts;
    this.add(section);
    if (verdicts.length > 0) this.#print(`\n${tableLines(verdicts, this.#colors)}`);
  }

  /** Ends the report, and prints it if it is JSON. */
  end(): void {
    this.idle();
    if (!this.#json) return;
    const sections = this.#sections.map(({ id, title, findings, facts }) => ({ id, title, findings, facts }));
    process.stdout.write(`${jsonText({ ok: this.ok, sections }, 2)}\n`);
  }

  #print(text: string): void {
    this.idle();
    if (!this.#json) process.stdout.write(text);
  }
}
