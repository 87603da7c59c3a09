import { describe, expect, test } from 'vitest';

import { parseGbnf, readWith } from '../gbnf-grammar.fixture.ts';
import { compileGrammar } from './compile-grammar.ts';
import { runNow } from './steps.ts';

const compile = (text: string) => runNow(compileGrammar(text));
const list = (length: number, make: (at: number) => string, between = '') =>
  Array.from({ length }, (_, at) => make(at)).join(between);

describe('a mistake is named by its line and rule', () => {
  test.each<[string, string, RegExp]>([
    ['no root', 'main ::= "a"', /^grammar: has no rule `root`/],
    ['a missing rule', 'root ::= "a"\n  b', /line 2: `::=` must follow|line 2, in rule b/],
    [
      'a missing name',
      '# one\nroot ::= one\none ::= (\n"a"\ntwo )',
      /^grammar: line 5, in rule one: there is no rule two/,
    ],
    ['a rule that appears twice', 'root ::= "a"\nroot ::= "b"', /line 2: the rule root is defined twice/],
    ['no rule at all', '"a"', /line 1: a rule must begin here, not `"`/],
    ['a literal that is not closed', 'root ::= "a', /line 1, in rule root: a literal is not closed/],
    ['a group that is not closed', 'root ::= ("a"', /a group must be closed by `\)`, not the end/],
    ['a bracket too many', 'root ::= "a")', /`\)` is not expected here/],
    ['an empty class', 'root ::= []', /a class is empty/],
    ['a range backwards', 'root ::= [z-a]', /goes backwards/],
    ['an unknown escape', 'root ::= "\\q"', /\\q is not an escape/],
    ['an invalid number', 'root ::= "\\xzz"', /hexadecimal/],
    ['half of a pair', 'root ::= "\\uD800"', /cannot contain this character/],
    ['nothing to repeat', 'root ::= *', /nothing to repeat/],
    ['a repetition of a repetition', 'root ::= "a"*?', /is repeated/],
    ['a repetition backwards', 'root ::= "a"{3,1}', /\{3,1\} goes backwards/],
    ['a token', 'root ::= <think>', /tokens in `<…>` are not supported/],
  ])('%s', (_name, text, message) => {
    expect(() => compile(text)).toThrow(message);
  });
});

describe('a grammar that would stall the engine is refused', () => {
  test.each<[string, string, RegExp]>([
    ['more than 64 kB', `root ::= "${'a'.repeat(65_536)}"`, /larger than 64 kB/],
    ['a rule that begins with itself', 'root ::= root "a" | "a"', /in rule root: the rule is left-recursive/],
    [
      'rules that begin with one another',
      'root ::= x\nx ::= "a"? y\ny ::= x "b" | "c"',
      /in rule x: the rule is left-rec/,
    ],
    ['a repetition of nothing', 'root ::= (""*)*', /left-recursive/],
    ['a repetition of what may be empty', 'root ::= ("a"*)*', /left-recursive/],
    ['a hundred thousand times', 'root ::= "a"{1,100000}', /repetition is more than 1,000/],
    [
      'a thousand times a thousand optional times',
      'root ::= (("a"{0,1000}){1,1000} "b"){1,1000}',
      /too deep|too many|too long|symbols/,
    ],
    ['too many symbols', `root ::= ${list(60, () => '[a-z]{900,1000}', ' ')}`, /more than 50,000 symbols/],
    [
      'classes of many ranges, many times',
      `root ::= [${list(1500, (at) => String.fromCodePoint(0x4e00 + 2 * at))}]{400} "a"`,
      /more than 50,000 symbols/,
    ],
    ['deep groups', `root ::= ${'('.repeat(30_000)}"a"${')'.repeat(30_000)}`, /nested deeper than 64/],
    [
      'beginnings that double',
      `root ::= r0\n${list(40, (at) => `r${at} ::= r${at + 1} "y" | s${at} "z"\ns${at} ::= r${at + 1} "x"\n`)}r40 ::= "a"`,
      /too many ways/,
    ],
    ['forks that double without end', 'root ::= "x" root root | "x"', /too many ways/],
    [
      'words that read the same backwards',
      'root ::= "a" root "a" | "b" root "b" | "a" | "b"',
      /too many ways|too long/,
    ],
    [
      'rules that double with a fork at their end',
      `root ::= r0 root | "."\n${list(40, (at) => `r${at} ::= r${at + 1} r${at + 1}\n`)}r40 ::= "a" | "aa"`,
      /too many ways|too long/,
    ],
    [
      'nested parses that fork and merge with each character',
      'root ::= ("a" x | [a] y)* "."\nx ::= z | z\ny ::= z | "(" root ")"\nz ::= "" | "b"',
      /too many ways|too long/,
    ],
    [
      'nested parses that fork and merge with two alternating characters',
      'root ::= (x | "a" "b" | y)* "."\nx ::= "ab" | "(" root ")"\ny ::= [a] [b] | "[" root "]"',
      /too many ways|too long/,
    ],
    [
      'rules that double or not',
      `root ::= r0\n${list(30, (at) => `r${at} ::= r${at + 1} | r${at + 1} r${at + 1}\n`)}r30 ::= "a"`,
      /too many ways|too long/,
    ],
    [
      'thousands of optional characters',
      `root ::= ${list(9000, (at) => `"${'abc'[at % 3]}"?`, ' ')}`,
      /too deep|too long/,
    ],
    ['thousands of repetitions', `root ::= ${list(9000, () => '[a-z]*')}`, /too deep|too long/],
  ])(
    '%s',
    (_name, text, message) => {
      const before = process.cpuUsage();
      expect(() => compile(text)).toThrow(message);
      const { user } = process.cpuUsage(before);
      expect(user / 1000).toBeLessThan(4000);
    },
    60_000,
  );
});

describe('ambiguous parts without nesting get one parse', () => {
  test.each<[string, string, string[], string[]]>([
    ['two classes of the same', 'root ::= ("a" | [a-c])*', ['', 'abca'], ['d']],
    ['escapes next to any character', 'root ::= "\\"" ([^"] | "\\\\" ["\\\\])* "\\""', ['"\\\\\\\\"', '"\\""'], ['"']],
    ['white space twice', 'root ::= (ws "x" ws)+\nws ::= [ \\n]*', [' x  x\n', 'xx'], [' ']],
    ['two repetitions side by side', 'root ::= [a-z]{0,30} [a-z]{0,30}', ['a'.repeat(60)], ['a'.repeat(61)]],
    ['parses that fork and merge', 'root ::= ("ab" | [a] [b])*', ['abab'], ['aba']],
    ['a choice of words', 'root ::= "red" | "reddish" | [r] "ed"', ['red', 'reddish'], ['redd']],
  ])(
    '%s',
    (_name, text, fitting, others) => {
      const grammar = parseGbnf(compile(text));
      for (const one of fitting)
        expect(readWith(grammar, one)).toEqual({
          accepted: true,
          mostWays: expect.toSatisfy((ways) => Number(ways) <= 4),
        });
      for (const one of others) expect(readWith(grammar, one).accepted).toBe(false);
    },
    60_000,
  );
});

describe('usual grammars compile', () => {
  const json = String.raw`
# JSON, with white space
root ::= value
value ::= object | array | string | number | ("true" | "false" | "null") ws
object ::= "{" ws (string ":" ws value ("," ws string ":" ws value)*)? "}" ws
array ::=
  "[" ws (
    value ("," ws value)*
  )? "]" ws
string ::= "\"" ([^"\\\x00-\x1F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4}))* "\"" ws
number ::= "-"? ([0-9] | [1-9] [0-9]{0,15}) ("." [0-9]+)? ([eE] [-+]? [0-9] [0-9]{0,15})? ws
ws ::= | " " | "\n" [ \t]{0,20}
`;
  const sums =
    'root ::= (sum "=" ws term "\\n")+\nsum ::= term ([-+*/] term)*\nterm ::= ([a-z] [a-z0-9_]* | [0-9]+) ws | "(" ws sum ")" ws\nws ::= [ \\t\\n]*';
  test.each<[string, string, string[], string[]]>([
    ['JSON', json, ['{"a": [1, 1,1,\n  2.5e3, null], "é": {"b":"\\n"}}', '[]', '0'], ['{"a"}', '[1,]', '{a:1}']],
    ['sums', sums, ['a +(b*2)= c\n', '1=2\n3=4\n'], ['a + = c\n', '1=2']],
    [
      'Harmony of a kind',
      'root ::= ("<a>" x "</a>" | "<b>" x "</b>")\nx ::= ("<i>" x "</i>" | [^<])*',
      ['<a>b<i>c</i></a>'],
      ['<a><i></a>'],
    ],
  ])(
    '%s',
    (_name, text, fitting, others) => {
      const grammar = parseGbnf(compile(text));
      for (const one of fitting) expect([one, readWith(grammar, one).accepted]).toEqual([one, true]);
      for (const one of others) expect([one, readWith(grammar, one).accepted]).toEqual([one, false]);
    },
    60_000,
  );
});
