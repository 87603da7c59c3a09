import type { AddressInfo } from 'node:net';

import type { Engine } from '@headway/engine';
import { fieldError, HeadwayError, maxBodyBytes } from '@headway/protocol';
import Fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import type { LevelWithSilent, Logger } from 'pino';

import { registerAnthropicRoutes } from './apis/anthropic/anthropic-routes.ts';
import { anthropicErrorDialect } from './apis/anthropic/anthropic-error.ts';
import { openAiErrorDialect } from './apis/openai/openai-error.ts';
import { createRequestId } from './apis/anthropic/request-id.ts';
import { inBrackets, isWide } from './access/policy/create-access-policy.ts';
import { startAccessControl, type AccessOptions } from './access/start-access-control.ts';
import { guardRequests, registerPublicRoutes } from './http/guard-requests.ts';
import { limitConnections } from './http/connections/limit-connections.ts';
import { GenerationRegistry } from './generations/generation-registry.ts';
import { answerBrokenRequest, registerErrorReplies, sendError } from './http/error-replies.ts';
import { closeUnreadResponses } from './http/connections/close-unread-responses.ts';
import { serveHalfClosedConnections } from './http/connections/half-closed-connections.ts';
import { registerGenerationRoutes } from './http/routes/generation-routes.ts';
import { registerHealthRoutes } from './http/routes/health-routes.ts';
import { registerModelRoutes } from './http/routes/model-routes.ts';
import { registerPage } from './http/routes/page-files.ts';
import { registerBareRoot, registerRootRoute } from './http/routes/root-routes.ts';
import { normalizePath } from './http/routes/normalize-path.ts';
import { readAliases, resolveAlias, withAliases, type ModelAliases } from './http/routes/model-aliases.ts';
import { trackResponses } from './http/connections/open-responses.ts';
import { readJsonBodies } from './surface/bodies/read-json-bodies.ts';
import { registerRequestLog } from './http/request-log.ts';
import { registerSecurityHeaders } from './http/security-headers.ts';
import { registerChatCountRoute } from './apis/openai/llama-server/count-tokens-route.ts';
import { registerChatRoute } from './apis/openai/chat/chat-route.ts';
import { registerCompletionRoute } from './apis/openai/completions/completion-route.ts';
import { registerPropsRoutes } from './apis/openai/llama-server/props-routes.ts';
import { registerTemplateRoutes } from './apis/openai/llama-server/template-routes.ts';
import { openLog } from './log.ts';
import { registerResponsesRoutes } from './apis/openai/responses/responses-route.ts';
import { registerTrpcRoutes } from './trpc/serve-http.ts';
import { ErrorDialects } from './surface/error-dialect.ts';
import { KnownRoutes } from './http/known-routes.ts';
import { nativeErrors } from './http/native-errors.ts';
import { trpcErrors } from './trpc/router/trpc-error.ts';
import { serveTrpcSockets, type TrpcSockets } from './trpc/serve-websocket.ts';
import { headwayVersion } from './version.ts';

export interface GatewayOptions extends AccessOptions {
  /** The engine stays yours: closing the gateway ends the gateway's generations, but does not close the engine. */
  engine: Engine;
  /**
   * Other names of models: a list for the default model, or the model's id by each name. `*` is any name that no model
   * has. @default none
   */
  aliases?: readonly string[] | ModelAliases;
  /** 0 uses any free port. @default 4477 */
  port?: number;
  /**
   * Folder of the page at `/`. Browsers get `app.js.br` or `app.js.gz` in place of `app.js` where they exist, and may cache
   * files in `assets` with a hash in their names for ever. @default none
   */
  page?: string;
  /** A pino logger, or a level for one that writes to stderr. Prompts and answers are never logged. @default 'silent' */
  logger?: Logger | LevelWithSilent;
  /** How long a generation runs on after its client's connection dropped, while no client watches it, in ms. @default 30_000 */
  graceMs?: number;
  /**
   * Longest time from a request to the end of its generation, its time in the queue included, in ms. Then the generation
   * ends with the error `generation-timeout`.
   *
   * @default 7_200_000
   */
  generationMs?: number;
  /** Most tokens of a generation, over all its choices. Beyond them it ends with `generation-timeout`. @default 262_144 */
  generationTokens?: number;
  /** How long a client may read nothing before its connection is closed with `slow-consumer`, in ms. @default 30_000 */
  slowConsumerMs?: number;
  /**
   * Time between two heartbeats of a stream of server-sent events, in ms. Clients and proxies close silent streams:
   * Headway's own client after 45 s, many others sooner.
   *
   * @default 15_000
   */
  heartbeatMs?: number;
  /** The version in `status`. @default this package's */
  version?: string;
}

export interface Gateway extends AsyncDisposable {
  /** URL of the gateway from this machine, without a slash at the end. */
  readonly url: string;
  /** Number of generations that are queued or running. */
  readonly running: number;
  /**
   * Refuses new requests (`shutting-down`; `/readyz` answers 503), while its generations run on and clients stay connected.
   * Resolves when the last generation has ended, or after `ms`.
   *
   * @throws HeadwayError `invalid-request` when `ms` is not from 0 to 2,147,483,647
   */
  drain(ms: number): Promise<void>;
  /**
   * Ends its generations with the error `shutting-down`, gives their streams up to 1 s to finish, and resolves when the
   * port is closed. Further calls return the same promise.
   */
  close(): Promise<void>;
}

/** Connections that may wait to be accepted. Node's default of 511 is too few when hundreds arrive at once. */
const backlog = 4096;

/** The error dialects of the surfaces. The first one that owns a request answers its errors. */
const errorDialects = new ErrorDialects(
  [trpcErrors(openAiErrorDialect.status), nativeErrors(openAiErrorDialect.status), anthropicErrorDialect],
  openAiErrorDialect,
);

/** Time that clients have to read their last events and to close their connections, in ms. */
const closeGraceMs = 1000;

/**
 * Serves an engine over tRPC, HTTP, and OpenAI's and Anthropic's APIs.
 *
 * @throws HeadwayError `invalid-request` for access options that `startAccessControl` refuses, and for a time out of
 * bounds; the system's error (`EADDRINUSE`, …) when the gateway cannot listen
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { port = 4477, host = '127.0.0.1', page, graceMs, slowConsumerMs, heartbeatMs } = options;
  const { version = headwayVersion, generationMs, generationTokens } = options;
  checkMilliseconds({ graceMs, slowConsumerMs });
  checkMilliseconds({ generationMs }, 1);
  checkMilliseconds({ heartbeatMs }, 1);
  if (generationTokens !== undefined && !(Number.isInteger(generationTokens) && generationTokens >= 1)) {
    throw fieldError({ path: ['generationTokens'], message: `${generationTokens} is not a whole number from 1` });
  }
  const log: FastifyBaseLogger = openLog(options.logger ?? 'silent');
  const aliases = readAliases(options.aliases ?? []);
  const models = Object.keys(aliases).length > 0 ? await options.engine.models() : [];
  const ids = new Set(models.map(({ id }) => id));
  const engine = withAliases(options.engine, { aliases, ids });
  const modelId = (name: string) => resolveAlias(name, { aliases, ids });
  const access = await startAccessControl(options, log);
  const { accessControl } = access;
  const generations = new GenerationRegistry({
    engine,
    log,
    maxEach: accessControl.limits.generations,
    ...(graceMs !== undefined && { graceMs }),
    ...(generationMs !== undefined && { maxMs: generationMs }),
    ...(generationTokens !== undefined && { maxTokens: generationTokens }),
  });

  const app = Fastify({
    loggerInstance: log,
    genReqId: createRequestId,
    rewriteUrl: ({ url = '/' }) => normalizePath(url),
    // Fastify logs two lines a request; registerRequestLog writes one.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBodyBytes,
    requestTimeout: 60_000,
    // TCP keep-alive finds clients that vanished during a stream of events.
    http: {
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      headersTimeout: 20_000,
      // How often Node checks `requestTimeout` and `headersTimeout`, in ms.
      connectionsCheckingInterval: 5000,
    },
    routerOptions: { maxParamLength: 4096 },
    clientErrorHandler: (_error, socket) => answerBrokenRequest(socket, errorDialects.fallback),
    frameworkErrors: (error, request, reply) =>
      void sendError(request, reply, new HeadwayError('invalid-request', error.message), error.statusCode),
  });
  const routes = new KnownRoutes(app);
  readJsonBodies(app, accessControl.largeBodies);
  limitConnections(app.server, accessControl.limits, errorDialects.fallback);
  closeUnreadResponses(app.server);
  serveHalfClosedConnections(app.server);
  await registerSecurityHeaders(app);
  await guardRequests(app, accessControl);
  registerRequestLog(app);
  registerErrorReplies(app, errorDialects, routes);
  await registerPublicRoutes(app, (scope) => registerHealthRoutes(scope, { engine, generations }), { unlimited: true });
  registerModelRoutes(app, { engine, aliases });
  registerRootRoute(app, { version, routes });
  registerPropsRoutes(app, { engine, generations, version });
  registerTemplateRoutes(app, engine);
  const surface = { generations, slowConsumerMs, heartbeatMs };
  registerChatRoute(app, surface);
  registerChatCountRoute(app, engine);
  registerCompletionRoute(app, surface);
  registerResponsesRoutes(app, { ...surface, engine });
  await registerAnthropicRoutes(app, { ...surface, engine });
  registerGenerationRoutes(app, surface);
  let sockets: TrpcSockets | null = null;
  registerTrpcRoutes(app, {
    engine,
    generations,
    version,
    modelId,
    sockets: () => sockets?.open ?? 0,
    slowConsumerMs,
  });
  await registerPublicRoutes(app, (scope) =>
    page === undefined ? registerBareRoot(scope) : registerPage(scope, page),
  );
  const served = (sockets = serveTrpcSockets({
    server: app.server,
    engine,
    generations,
    accessControl,
    version,
    slowConsumerMs,
    log,
    errorDialects,
    modelId,
  }));

  const responses = trackResponses(app.server);

  const close = async () => {
    access.close();
    const late = after(closeGraceMs);
    generations.refuseNew();
    generations.cancelAll();
    await generations.settled(late.promise);
    generations.close();
    const closed = app.close();
    await Promise.all([served.close(late.promise), responses.settled(late.promise)]);
    late.clear();
    app.server.closeAllConnections();
    await closed;
  };
  try {
    // Fastify would open a second server for the IPv6 address of localhost.
    await app.listen({ port, host: host === 'localhost' ? '127.0.0.1' : host, backlog });
  } catch (error) {
    await close();
    throw error;
  }
  const url = urlOf(host, (app.server.address() as AddressInfo).port);
  let closing: Promise<void> | null = null;
  const closeOnce = () => (closing ??= close());
  return {
    url,
    get running() {
      return generations.running;
    },
    async drain(ms) {
      checkMilliseconds({ ms });
      generations.refuseNew();
      const late = after(ms);
      await generations.ended(late.promise);
      late.clear();
    },
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
}

/** Node's timers take delays of up to 31 bits, and fire at once for a longer one. */
const longestMs = 2 ** 31 - 1;

function checkMilliseconds(times: Record<string, number | undefined>, least = 0): void {
  for (const [name, value] of Object.entries(times)) {
    if (value === undefined || (value >= least && value <= longestMs)) continue;
    throw fieldError({ path: [name], message: `${value} is not a time from ${least} to ${longestMs} ms` });
  }
}

function after(ms: number): { promise: Promise<void>; clear: () => void } {
  let timer: NodeJS.Timeout;
  const promise = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  return { promise, clear: () => clearTimeout(timer) };
}

function urlOf(host: string, port: number): string {
  const reachable = isWide(host) ? (host === '::' ? '[::1]' : '127.0.0.1') : inBrackets(host);
  return `http://${reachable}:${port}`;
}
