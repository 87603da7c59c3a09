import { storytellerPath } from '@headway/storyteller';
import { isHeadwayError } from '@headway/protocol';
import fc from 'fast-check';
import { getLlama, LlamaCompletion, LlamaGrammar, LlamaLogLevel, type Llama, type LlamaModel } from 'node-llama-cpp';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { parseGbnf, writeWith } from '../gbnf-grammar.fixture.ts';
import { compileGrammar } from './compile-grammar.ts';
import { randomGrammar } from './random-grammar.fixture.ts';
import { runNow } from './steps.ts';

let llama: Llama;
let model: LlamaModel;
beforeAll(async () => {
  llama = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.disabled, maxThreads: 1 });
  model = await llama.loadModel({
    modelPath: storytellerPath,
  });
});
afterAll(() => llama.dispose());

/** Asks llama.cpp itself; node-llama-cpp keeps this out of its types. */
function llamaReads(gbnf: string): (text: string) => boolean {
  const grammar = new LlamaGrammar(llama, { grammar: gbnf }) as unknown as { _testText(text: string): boolean };
  return (text) => grammar._testText(text);
}

it('means to llama.cpp what the grammar meant that was sent', () => {
  let [taken, refused, fitting, broken] = [0, 0, 0, 0];
  fc.assert(
    fc.property(randomGrammar, fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })), (sent, stream) => {
      let compiled: string;
      try {
        compiled = runNow(compileGrammar(sent));
      } catch (thrown) {
        if (!isHeadwayError(thrown) || !/leads back to itself|read in too many ways|too long/.test(thrown.message))
          throw thrown;
        // llama.cpp refuses these as well, or would follow too many ways.
        refused++;
        return;
      }
      taken++;
      const [asSent, asCompiled] = [llamaReads(sent), llamaReads(compiled)];
      const grammar = parseGbnf(compiled);
      for (let count = 1; count <= 4; count++) {
        const text = writeWith(grammar, () => stream.next().value, 5 * count);
        if (text.length > 60) continue;
        fitting++;
        expect(asSent(text), `${JSON.stringify(text)} of ${sent}`).toBe(true);
        expect(asCompiled(text)).toBe(true);
        const other = Array.from(text);
        other.splice(Math.floor(stream.next().value * (other.length + 1)), Math.round(stream.next().value), 'b');
        const changed = other.join('');
        expect(asCompiled(changed), `${JSON.stringify(changed)} of ${sent}`).toBe(asSent(changed));
        if (!asSent(changed)) broken++;
      }
    }),
  );
  expect(Math.min(taken, refused, fitting, broken)).toBeGreaterThan(0);
}, 300_000);

async function write(gbnf: string, seed: number): Promise<string> {
  const context = await model.createContext({ contextSize: 512, sequences: 1, threads: 1 });
  try {
    const completion = new LlamaCompletion({ contextSequence: context.getSequence() });
    const grammar = new LlamaGrammar(llama, { grammar: gbnf });
    return await completion.generateCompletion('Once', { grammar, maxTokens: 40, temperature: 1, seed });
  } finally {
    await context.dispose();
  }
}

it.each([
  ['two long repetitions side by side', 'root ::= [a-z ]{0,200} [a-z ]{0,200}'],
  ['the longest repetition', 'root ::= [a-z ]{0,1000}'],
  [
    'a thousand words',
    `root ::= ${Array.from({ length: 1000 }, (_, at) => `"word${(at * 7919) % 100003} "`).join(' | ')}`,
  ],
  [
    'rules that double forty times',
    `root ::= r0\n${Array.from({ length: 40 }, (_, at) => `r${at} ::= r${at + 1} r${at + 1}\n`).join('')}r40 ::= "a"`,
  ],
  [
    'a hundred things that may be left out',
    `root ::= ${Array.from({ length: 100 }, (_, at) => `("a" "${at}")?`).join(' ')} "."`,
  ],
  ['what forks and meets with each character', 'root ::= ("  " | [ ] [ ] | " ")* "x"'],
])('a model writes with %s', async (_name, sent) => {
  const compiled = runNow(compileGrammar(sent));
  expect((await write(compiled, 1)).length).toBeGreaterThan(0);
});
