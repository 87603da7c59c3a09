import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8');

/** The hexadecimal colours of both themes by token. */
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[\da-f]{6}), (#[\da-f]{6})\)/g)].map(([, name, light, dark]) => [
    name,
    { light: light ?? '', dark: dark ?? '' },
  ]),
);

type Theme = 'light' | 'dark';

/** The relative luminance of WCAG 2.2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(above: string, below: string, theme: Theme): number {
  const [one, other] = [above, below].map((name) => {
    const colours = tokens.get(name);
    if (!colours) throw new Error(`tokens.css has no --${name} with two hexadecimal colours`);
    return luminance(colours[theme]);
  });
  return (Math.max(one ?? 0, other ?? 0) + 0.05) / (Math.min(one ?? 0, other ?? 0) + 0.05);
}

const onEverySurface = (name: string) => ['page', 'surface', 'sunken'].map((below): [string, string] => [name, below]);

/** Text and what it stands on. */
const texts: [above: string, below: string][] = [
  ...['ink', 'ink-soft', 'accent', 'danger', 'warn'].flatMap(onEverySurface),
  ...['accent-soft', 'warn-soft', 'danger-soft'].flatMap((below): [string, string][] => [
    ['ink', below],
    ['ink-soft', below],
  ]),
  ['ink', 'raised'],
  ['accent', 'accent-soft'],
  ['warn', 'warn-soft'],
  ['danger', 'danger-soft'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
  ['accent-strong', 'page'],
  // The button that stops an answer.
  ['page', 'ink'],
];

/** Parts of the bar, dots, and the edges of what takes input: a user must see them to know what they say. */
const graphics: [above: string, below: string][] = [
  ['read', 'track'],
  ['cached-tone', 'track'],
  ['read', 'surface'],
  ['cached-tone', 'surface'],
  ['good', 'page'],
  ['warn', 'page'],
  ['danger', 'page'],
  ['line-strong', 'page'],
  ['line-strong', 'surface'],
];

const themes: Theme[] = ['light', 'dark'];

test.each(themes.flatMap((theme) => texts.map(([above, below]) => ({ theme, above, below }))))(
  '$above on $below has the contrast of text, in the $theme theme',
  ({ theme, above, below }) => {
    expect(contrast(above, below, theme)).toBeGreaterThanOrEqual(4.5);
  },
);

test.each(themes.flatMap((theme) => graphics.map(([above, below]) => ({ theme, above, below }))))(
  '$above on $below has the contrast of graphics, in the $theme theme',
  ({ theme, above, below }) => {
    expect(contrast(above, below, theme)).toBeGreaterThanOrEqual(3);
  },
);

test('the contrast is that of WCAG', () => {
  tokens.set('black', { light: '#000000', dark: '#000000' }).set('grey', { light: '#767676', dark: '#ffffff' });
  expect(contrast('black', 'grey', 'dark')).toBeCloseTo(21, 5);
  expect(contrast('grey', 'surface', 'light')).toBeCloseTo(4.54, 2);
});
