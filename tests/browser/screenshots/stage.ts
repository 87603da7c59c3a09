import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';

import { auditPage } from '../audit-page.ts';
import { openDemo, type Demo } from '../open-demo.ts';

/** Where the pictures and their page lie. */
export const folder = fileURLToPath(new URL('../../../docs/screenshots/', import.meta.url));

export const looks = {
  light: { theme: 'light' },
  dark: { theme: 'dark' },
  phone: { theme: 'light', phone: true },
} as const;

export type Look = keyof typeof looks;

/** States of the page that one play brings up. */
export interface Scene {
  title: string;
  /** A sentence for each picture, by the picture's name. */
  pictures: Record<string, string>;
  play(stage: Stage): Promise<void>;
}

export interface Stage {
  look: Look;
  /** Opens the page in the look. */
  open: (url: string) => Promise<Demo>;
  /** Takes a picture of the page, and throws if axe-core finds a fault in it. */
  picture: (page: Page, name: string) => Promise<void>;
}

const size = { width: 1120, height: 720 };
/** So many colours suffice for a page's theme with smooth letters, and make a picture small. */
const colours = 40;

export function createStage(browser: Browser, look: Look): Stage {
  return {
    look,
    async open(url) {
      const demo = await openDemo(browser, url, looks[look]);
      if (look !== 'phone') await demo.page.setViewportSize(size);
      return demo;
    },
    async picture(page, name) {
      // tsx gives functions their names by this one, also those that run in the page.
      await page.evaluate('globalThis.__name = (value) => value');
      const faults = await auditPage(page);
      if (faults.length > 0) throw new Error(`${name}-${look}:\n${faults.join('\n')}`);
      await page.evaluate(() => document.fonts.ready);
      const taken = await page.screenshot({ animations: 'disabled', scale: 'css' });
      await sharp(taken)
        .png({ colours, dither: 0, effort: 10, compressionLevel: 9 })
        .toFile(join(folder, `${name}-${look}.png`));
    },
  };
}
