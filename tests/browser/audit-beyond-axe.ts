import type { Page } from 'playwright-core';

/**
 * Faults for which axe-core has no rule: ids used twice, a page wider than the screen, placeholders with too little contrast
 * (WCAG AA).
 *
 * @param undecided selectors of texts whose contrast axe-core could not tell, such as those over a drawing
 */
export function auditBeyondAxe(page: Page, undecided: readonly string[]): Promise<string[]> {
  return page.evaluate((selectors) => {
    const findings: string[] = [];
    const show = (element: Element) => `<${element.tagName.toLowerCase()} class="${element.className}">`;

    type Colour = [red: number, green: number, blue: number, alpha: number];

    function parseColour(css: string): Colour {
      const [red = 0, green = 0, blue = 0, alpha = 1] = (css.match(/[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
      const scale = css.startsWith('color(') ? 255 : 1;
      return [red * scale, green * scale, blue * scale, alpha];
    }

    function over([red, green, blue, alpha]: Colour, [r, g, b]: Colour): Colour {
      const mix = (top: number, below: number) => top * alpha + below * (1 - alpha);
      return [mix(red, r), mix(green, g), mix(blue, b), 1];
    }

    function backgroundOf(element: Element | null): Colour {
      if (!element) return [255, 255, 255, 1];
      const own = parseColour(getComputedStyle(element).backgroundColor);
      return own[3] === 1 ? own : over(own, backgroundOf(element.parentElement));
    }

    function luminance([red, green, blue]: Colour): number {
      const linear = [red, green, blue].map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
    }

    function contrast(text: Colour, background: Colour): number {
      const [light = 0, dark = 0] = [luminance(over(text, background)), luminance(background)].toSorted(
        (a, b) => b - a,
      );
      return (light + 0.05) / (dark + 0.05);
    }

    function checkContrast(element: Element, colour: string, what: string): void {
      const style = getComputedStyle(element);
      const size = parseFloat(style.fontSize);
      const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
      const ratio = contrast(parseColour(colour), backgroundOf(element));
      if (ratio < least) findings.push(`${show(element)} ${what}: contrast ${ratio.toFixed(2)}, needs ${least}`);
    }

    for (const element of selectors.flatMap((selector) => [...document.querySelectorAll(selector)])) {
      checkContrast(element, getComputedStyle(element).color, `"${element.textContent.trim().slice(0, 40)}"`);
    }
    for (const box of document.querySelectorAll('input, textarea')) {
      if (box.checkVisibility({ visibilityProperty: true }) && box.getAttribute('placeholder')) {
        checkContrast(box, getComputedStyle(box, '::placeholder').color, 'placeholder');
      }
    }
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
    if (twice.length > 0) findings.push(`ids are used twice: ${twice.join(', ')}`);
    if (document.documentElement.scrollWidth > innerWidth) findings.push('the page is wider than the screen');
    return findings;
  }, undecided);
}
