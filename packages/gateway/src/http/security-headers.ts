import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/**
 * Sets headers that isolate the page: it loads scripts, styles and data from the gateway alone, and no frame may show it.
 * They have neither HSTS nor an upgrade to TLS, because the gateway serves plain HTTP.
 */
export async function registerSecurityHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        // 'self' covers ws: to the same host and port in all current browsers.
        'connect-src': ["'self'"],
        'img-src': ["'self'", 'data:', 'blob:'],
        'font-src': ["'self'", 'data:'],
        'object-src': ["'none'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
  });
}
