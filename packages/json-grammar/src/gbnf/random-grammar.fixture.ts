import fc from 'fast-check';

const literal = fc.constantFrom('"a"', '"ab"', '"b"', '"é"', '"\\n"', '""', '"\\x61"', '"\\u00e9b"');
const chars = fc.constantFrom('[a-c]', '[^a]', '[ab\\n]', '[^\\n]', '.', '[\\x61-\\x62é-]');
const times = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '{0,2}', '{2,}');

/** Rule bodies with references to these names. */
function body(names: readonly string[]): fc.Arbitrary<string> {
  const { way } = fc.letrec<{ way: string; piece: string }>((tie) => ({
    piece: fc
      .tuple(
        fc.oneof(
          { depthSize: 'small' },
          { weight: 3, arbitrary: literal },
          { weight: 2, arbitrary: chars },
          { weight: 2, arbitrary: fc.constantFrom(...names) },
          {
            weight: 1,
            arbitrary: fc.array(tie('way'), { minLength: 1, maxLength: 3 }).map((ways) => `(${ways.join(' | ')})`),
          },
        ),
        times,
      )
      // llama.cpp does not repeat an empty text.
      .map(([piece, repeated]) => (piece === '""' ? piece : piece + repeated)),
    way: fc.array(tie('piece'), { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join(' ')),
  }));
  return fc.array(way, { minLength: 1, maxLength: 3 }).map((ways) => ways.join(' | '));
}

/** Random GBNF grammars with rules that refer to one another, some of them left-recursive. */
export const randomGrammar: fc.Arbitrary<string> = fc
  .tuple(body(['x', 'y']), body(['x', 'y', 'z']), body(['root', 'z']), body(['z', 'x']))
  .map(([root, x, y, z]) => `# drawn at random\nroot ::= ${root}\nx ::= ${x}\ny ::=\n  ${y}\nz ::= ${z}\n`);
