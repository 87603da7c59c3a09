import { Window } from 'happy-dom';
import { expect, test } from 'vitest';

import { htmlToText } from './html-text.ts';

const parser = new new Window().DOMParser();

function text(html: string): string {
  return htmlToText(parser.parseFromString(html, 'text/html') as unknown as Document);
}

test('headings, paragraphs and line breaks keep their places', () => {
  expect(text('<h1>One</h1><p>First\n   line<br>second <b>line</b>.</p><div><h3>Three</h3>End</div>')).toBe(
    '# One\n\nFirst line\nsecond line.\n\n### Three\n\nEnd',
  );
});

test('many spaces in a row, each in an element of its own, are one', () => {
  expect(text(`<p>a${'<i> </i>'.repeat(2000)}b<br>${'<i> </i>'.repeat(2000)}c`)).toBe('a b\nc');
});

test('the title comes first where no heading says it', () => {
  expect(text('<title>A page</title><p>Text')).toBe('# A page\n\nText');
  expect(text('<title>A page</title><h1>Its heading</h1>')).toBe('# Its heading');
});

test('scripts, styles, navigation, controls and hidden elements are left out', () => {
  const noise =
    '<script>alert(1)</script><style>p{}</style><nav>Home</nav><noscript>No</noscript><button>Buy</button><p hidden>Secret</p><i aria-hidden="true">*</i><!-- note --><svg><text>S</text></svg>';
  expect(text(`${noise}<p>Kept</p>${noise}`)).toBe('Kept');
});

test('links keep an address on the web, and no other', () => {
  expect(
    text(
      '<p>See <a href="https://a.example/x">the page</a>, <a href="#top">above</a>, <a href="javascript:alert(1)">this</a>, <a href="https://b.example">https://b.example</a>.',
    ),
  ).toBe('See [the page](https://a.example/x), above, this, https://b.example.');
});

test('lists have marks and indented sublists', () => {
  expect(text('<ul><li>a<li><p>b</p><ol start="3"><li>c<li>d</ol></ul><p>end')).toBe('- a\n- b\n  3. c\n  4. d\n\nend');
});

test('tables become rows of cells, layout tables lines', () => {
  expect(
    text(
      '<table><caption>Sums</caption><thead><tr><th>Name<th>Sum</thead><tr><td>A|B<td><p>1</p><p>2</p><tr><td>C<td></table>',
    ),
  ).toBe('Sums\n\n| Name | Sum |\n| --- | --- |\n| A\\|B | 1 2 |\n| C |  |');
  expect(text('<table><tr><td>One<tr><td>Two</table>')).toBe('One\nTwo');
});

test('code keeps its spaces, and quotes are marked', () => {
  expect(text('<pre><code>if (a) {\n    b();\n}\n</code></pre><blockquote><p>Said</p><p>twice</p></blockquote>')).toBe(
    '```\nif (a) {\n    b();\n}\n```\n\n> Said\n>\n> twice',
  );
  expect(text('<p>Call <code>run()</code>.</p>')).toBe('Call `run()`.');
});

test('an image is told by its words', () => {
  expect(text('<p><img src="https://tracker.example/x.png" alt="A cat"><img src="y.png"></p>')).toBe('[image: A cat]');
});
