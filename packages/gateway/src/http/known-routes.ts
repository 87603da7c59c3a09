import type { FastifyInstance } from 'fastify';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** The routes of a gateway, as its APIs register them. Create it before them. */
export class KnownRoutes {
  /** Methods by the route's path, whose parameters are written `:id`. */
  readonly #methods = new Map<string, Set<string>>();

  constructor(app: FastifyInstance) {
    app.addHook('onRoute', ({ url, method }) => {
      // The CORS plugin and the page have routes for every path.
      if (url.includes('*')) return;
      const known = this.#methods.get(url) ?? new Set();
      this.#methods.set(url, known);
      for (const one of [method].flat()) if (methods.includes(one)) known.add(one);
    });
  }

  /** The methods of a path's route; none if it has no route. A literal route goes before one with parameters. */
  methodsOf(path: string): string[] {
    const route = this.#methods.get(path) ?? [...this.#methods].find(([url]) => matches(url, path))?.[1];
    return methods.filter((method) => route?.has(method));
  }

  /** The routes below a path, each as `POST /v1/messages`. */
  below(root: string): string[] {
    return [...this.#methods].flatMap(([url, known]) =>
      url.startsWith(`${root}/`) && url !== `${root}/` ? [...known].map((method) => `${method} ${url}`) : [],
    );
  }
}

function matches(url: string, path: string): boolean {
  const [steps, given] = [url.split('/'), path.split('/')];
  return (
    url.includes(':') &&
    steps.length === given.length &&
    steps.every((step, at) => (step.startsWith(':') ? given[at] !== '' : step === given[at]))
  );
}
