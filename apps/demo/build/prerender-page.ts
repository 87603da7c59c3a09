import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { runnerImport, type Plugin } from 'vite';

import type { firstContent as render } from '../src/first-content.tsx';

const firstPaint = 'first-paint.js';
const placeholder = '<div id="root"></div>';

/**
 * Writes what an empty chat shows into `index.html`, so that a slow connection shows it before the script is there. Also
 * adds `first-paint.js`, which runs before the browser paints.
 */
export function prerenderPage(): Plugin {
  let script = '';
  let building = false;
  return {
    name: 'headway:prerender-page',
    configResolved({ command }) {
      building = command === 'build';
    },
    async buildStart() {
      script = await readFile(new URL('first-paint.js', import.meta.url), 'utf8');
      // The content security policy allows no inline script. With a hash in its name, browsers keep the file.
      if (building) this.emitFile({ type: 'asset', name: firstPaint, source: script });
    },
    transformIndexHtml: {
      order: 'post',
      async handler(html, { bundle }) {
        // Without a build, in `vite`, the script makes the page's content itself.
        if (!bundle) return [{ tag: 'script', children: script, injectTo: 'head' }];
        const file = Object.values(bundle).find((part) => part.type === 'asset' && part.names.includes(firstPaint));
        if (!file || !html.includes(placeholder))
          throw new Error(`index.html needs ${placeholder}, and ${firstPaint} a file`);
        return {
          html: html.replace(placeholder, `<div id="first-content">${await firstContent()}</div>${placeholder}`),
          tags: [{ tag: 'script', attrs: { src: `/${file.fileName}` }, injectTo: 'head-prepend' }],
        };
      },
    },
  };
}

async function firstContent(): Promise<string> {
  try {
    const { module } = await runnerImport<{ firstContent: typeof render }>('/src/first-content.tsx', {
      root: fileURLToPath(new URL('..', import.meta.url)),
      configFile: false,
      logLevel: 'error',
      resolve: { conditions: ['@headway/source'] },
    });
    const content = module.firstContent();
    if (/ style="/.test(content))
      throw new Error('it has a style attribute, which the content security policy refuses; use a class');
    return content;
  } catch (thrown) {
    throw new Error(
      'The first content of the page could not be rendered. It is rendered without a browser: read window, document, navigator and storage in effects and event handlers.',
      { cause: thrown },
    );
  }
}
