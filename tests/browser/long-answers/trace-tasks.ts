import type { Browser } from 'playwright-core';

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  args: { name?: string };
  /** Processor time in microseconds. */
  tdur?: number;
}

/** Traces the tasks of the main threads of a browser's pages. `stop` gives the processor time of each, in milliseconds. */
export async function traceTasks(browser: Browser): Promise<{ stop: () => Promise<number[]> }> {
  const session = await browser.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel'] },
  });
  return {
    async stop() {
      const complete = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()));
      await session.send('Tracing.end');
      await complete;
      const thread = ({ pid, tid }: TraceEvent) => `${pid}/${tid}`;
      const names = events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
      const main = new Set(names.map(thread));
      const tasks = events.filter((event) => event.name.endsWith('RunTask') && main.has(thread(event)));
      return tasks.map(({ tdur = 0 }) => tdur / 1000);
    },
  };
}
