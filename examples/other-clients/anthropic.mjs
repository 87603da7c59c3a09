// Uses Anthropic's own package with Headway, and prints the prefill progress between its events.
import Anthropic from '@anthropic-ai/sdk';

if (process.argv.includes('--help')) {
  console.log(
    'node anthropic.mjs [url]: the gateway, else HEADWAY_URL or http://127.0.0.1:4477; HEADWAY_API_KEY is its key',
  );
  process.exit();
}
const [url = process.env.HEADWAY_URL ?? 'http://127.0.0.1:4477'] = process.argv.slice(2);
const client = new Anthropic({ baseURL: url, apiKey: process.env.HEADWAY_API_KEY ?? 'none' });

try {
  await answerWithProgress();
} catch (error) {
  console.error(`${url}: ${error.message}`);
  process.exitCode = 1;
}

async function answerWithProgress() {
  const document = 'The fox read a book to the owl, and the owl fell asleep. '.repeat(60);
  const stream = await client.messages.create(
    {
      model: 'default',
      max_tokens: 60,
      messages: [{ role: 'user', content: `${document}\nWhat is prefill?` }],
      stream: true,
    },
    { headers: { 'X-Headway-Progress': 'named' } },
  );
  for await (const event of stream) {
    // An event of Headway's: the package passes unknown events on.
    if (event.type === 'prefill_progress') console.log(`${event.phase}: ${event.processed} of ${event.total} tokens`);
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta')
      process.stdout.write(event.delta.text);
    if (event.type === 'message_delta')
      console.log(`\n${event.delta.stop_reason}, ${event.usage.output_tokens} tokens`);
  }
}
