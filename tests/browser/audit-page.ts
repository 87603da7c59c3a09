import type { Page } from 'playwright-core';

/**
 * Lists a page's accessibility faults: controls without a name or too small to hit, text with too little contrast (WCAG
 * AA), headings out of order, a page wider than the screen. The list is empty if there are none.
 */
export function auditPage(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const findings: string[] = [];
    const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)].filter(isSeen);
    const show = (element: Element) => `<${element.tagName.toLowerCase()} class="${element.className}">`;

    function isSeen(element: HTMLElement): boolean {
      return element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 1;
    }

    function nameOf(element: HTMLElement): string {
      const label = element.closest('label') ?? document.querySelector(`label[for="${element.id}"]`);
      const named = element.getAttribute('aria-label') ?? label?.textContent ?? element.textContent;
      return named.trim();
    }

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

    for (const control of all('button, a, input, select, textarea, summary, [role=progressbar]')) {
      if (nameOf(control) === '') findings.push(`${show(control)} has no name`);
      const { width, height } = control.getBoundingClientRect();
      if (control.matches('button, summary, select') && Math.min(width, height) < 24) {
        findings.push(`${show(control)} is ${Math.round(width)} × ${Math.round(height)} px`);
      }
    }
    for (const element of all('body *')) {
      if (element.closest(':disabled, [aria-hidden=true], .visually-hidden')) continue;
      const text = [...element.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
      const { color } = getComputedStyle(element);
      if (text) checkContrast(element, color, `"${text.textContent?.trim().slice(0, 40)}"`);
    }
    for (const box of all('textarea')) {
      checkContrast(box, getComputedStyle(box, '::placeholder').color, 'placeholder');
    }
    const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(({ tagName }) => Number(tagName[1]));
    if (levels.filter((level) => level === 1).length !== 1) findings.push('not one h1');
    levels.forEach((level, at) => {
      if (level > (levels[at - 1] ?? 0) + 1) findings.push(`h${level} without an h${level - 1} before it`);
    });
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    if (new Set(ids).size < ids.length) findings.push(`ids are used twice: ${ids.join(', ')}`);
    if (document.documentElement.lang === '') findings.push('the page names no language');
    if (document.documentElement.scrollWidth > innerWidth) findings.push('the page is wider than the screen');
    return findings;
  });
}
