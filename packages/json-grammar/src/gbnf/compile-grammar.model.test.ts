import { isHeadwayError } from '@headway/protocol';
import fc from 'fast-check';
import { LlamaGrammar, LlamaLogLevel, type Llama, type LlamaContext } from 'node-llama-cpp';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { openEmbeddedModel, writeInGrammar } from '../embedded-model.fixture.ts';
import { parseGbnf, writeWith } from '../gbnf-grammar.fixture.ts';
import { compileGrammar } from './compile-grammar.ts';
import { randomGrammar } from './random-grammar.fixture.ts';
import { runNow } from './steps.ts';

let llama: Llama;
let context: LlamaContext;
beforeAll(async () => {
  ({ llama, context } = await openEmbeddedModel({ logLevel: LlamaLogLevel.disabled }));
});
afterAll(() => llama.dispose());

/** llama.cpp's own result; node-llama-cpp's types do not show this method. */
function llamaReads(gbnf: string): (text: string) => boolean {
  const grammar = new LlamaGrammar(llama, { grammar: gbnf }) as unknown as { _testText(text: string): boolean };
  return (text) => grammar._testText(text);
}

it('a compiled grammar accepts the same texts in llama.cpp as the original', () => {
  let [taken, refused, fitting, broken] = [0, 0, 0, 0];
  fc.assert(
    fc.property(randomGrammar, fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })), (sent, stream) => {
      let compiled: string;
      try {
        compiled = runNow(compileGrammar(sent));
      } catch (thrown) {
        if (!isHeadwayError(thrown) || !/left-recursive|read in too many ways|too long/.test(thrown.message))
          throw thrown;
        // llama.cpp also refuses these, or would have too many parses.
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
  ['a hundred optional elements', `root ::= ${Array.from({ length: 100 }, (_, at) => `("a" "${at}")?`).join(' ')} "."`],
  ['parses that fork and merge with each character', 'root ::= ("  " | [ ] [ ] | " ")* "x"'],
])('a model writes with %s', async (_name, sent) => {
  const compiled = runNow(compileGrammar(sent));
  const { text } = await writeInGrammar(context, compiled, { prompt: 'Once', maxTokens: 40, seed: 1 });
  expect(text.length).toBeGreaterThan(0);
});
