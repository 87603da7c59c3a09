// A gateway over the scripted engine on a virtual clock, so that hours of work pass in minutes. Ends with its parent.
import { createEngine, createVirtualClock, scripted } from '@headway/engine';
import { startGateway } from '@headway/gateway';

/** The wall's time between two reports of the clock. */
const reportMs = 100;

export interface ScriptedNews {
  url: string;
  virtualMs: number;
}

const unlimited = 1e9;
const clock = createVirtualClock({ auto: true });
const engine = await createEngine({ backend: scripted({ clock }), clock, parallel: 4 });
const gateway = await startGateway({
  engine,
  port: 0,
  limits: { generations: unlimited, requests: unlimited, connections: 1000, connectionsEach: 1000 },
});
const report = setInterval(() => {
  process.send?.({ url: gateway.url, virtualMs: clock.now() } satisfies ScriptedNews);
}, reportMs);
process.once('disconnect', () => {
  clearInterval(report);
  void gateway.close().then(() => engine.close());
});
