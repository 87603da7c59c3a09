import { expect, test } from 'vitest';
import { launchBrowser } from './launch-browser.ts';

test('launchBrowser finds a browser that renders a page', async () => {
  await using browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width: 320, height: 120 } });
  await page.goto('data:text/html,<body style="background:teal;color:white"><h1>Headway</h1>');
  expect(await page.textContent('h1')).toBe('Headway');
  const picture = await page.screenshot();
  expect(picture.subarray(1, 4).toString()).toBe('PNG');
  expect(picture.length).toBeGreaterThan(1_000);
});
