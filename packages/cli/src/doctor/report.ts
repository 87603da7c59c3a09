import { canDraw, colorsFor } from '../terminal/stream-colors.ts';
import { jsonText } from '@headway/protocol';
import type { Section } from './finding.ts';
import { sectionLines, tableLines } from './report-lines.ts';
import type { StreamFacts } from './verdicts/assess-trials.ts';

const clearLine = '\r\u001b[2K';

/** What is found: printed as it is found, or as JSON at the end. */
export class Report {
  readonly #json: boolean;
  readonly #colors = colorsFor(process.stdout);
  readonly #sections: Section[] = [];
  #busy = false;

  constructor({ json }: { json: boolean }) {
    this.#json = json;
  }

  /** Whether nothing is wrong so far. */
  get ok(): boolean {
    return this.#sections.every(({ findings }) => findings.every(({ state }) => state !== 'failure'));
  }

  /** Says on a terminal what is being done. */
  busy(what: string): void {
    if (!canDraw(process.stderr)) return;
    process.stderr.write(`${clearLine}${what} …`);
    this.#busy = true;
  }

  /** Takes away what `busy` said. */
  idle(): void {
    if (this.#busy) process.stderr.write(clearLine);
    this.#busy = false;
  }

  add(section: Section): void {
    this.#print(`${this.#sections.length > 0 ? '\n' : ''}${sectionLines(section, this.#colors)}`);
    this.#sections.push(section);
  }

  addTrials(section: Section<StreamFacts>): void {
    this.add(section);
    const { verdicts } = section.facts;
    if (verdicts.length > 0) this.#print(`\n${tableLines(verdicts, this.#colors)}`);
  }

  /** Everything is found. */
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
