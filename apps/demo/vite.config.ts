import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

import { compressFiles } from './build/compress-files.ts';
import { fontLicence } from './build/font-licence.ts';
import { pdfCmaps } from './build/pdf-cmaps.ts';
import { prerenderPage } from './build/prerender-page.ts';

/** The gateway for `vite` during development: the one of `npm start`. */
const gateway = 'http://127.0.0.1:4477';

export default defineConfig({
  plugins: [react(), prerenderPage(), fontLicence(), pdfCmaps(), compressFiles()],
  // Resolves the packages to their sources, so that they need no build first.
  resolve: { conditions: ['@headway/source', ...defaultClientConditions] },
  // The gateway's content security policy allows its own origin, and no data: URLs.
  // Browsers that know the page's CSS preload modules by themselves.
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // The worker that highlights code loads one language at a time.
  worker: { format: 'es' },
  server: { proxy: { '/trpc': { target: gateway, ws: true }, '/v1': gateway, '/healthz': gateway } },
});
