import type { Page } from 'playwright-core';

/** The element with the focus; null if the focus is on no element of the page. */
export interface Focus {
  /** Its accessible name, or its text. */
  name: string;
  /** Whether one sees that it has the focus: it, an element around it or one beside it looks other than without. */
  visible: boolean;
}

export function focusOf(page: Page): Promise<Focus | null> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return null;
    const places = [element, element.parentElement, element.closest('.composer-box'), element.nextElementSibling];
    const look = () =>
      places
        .map((place) => {
          if (!place) return '';
          const { outline, boxShadow, borderColor } = getComputedStyle(place);
          return [outline, boxShadow, borderColor].join();
        })
        .join('\n');
    const focused = look();
    element.blur();
    const visible = look() !== focused;
    element.focus({ preventScroll: true });
    return { name: element.getAttribute('aria-label') ?? element.textContent.trim(), visible };
  });
}
