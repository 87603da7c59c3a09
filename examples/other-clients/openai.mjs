// Uses OpenAI's own package with Headway: prefill progress, an answer and a tool call.
import OpenAI from 'openai';

if (process.argv.includes('--help')) {
  console.log(
    'node openai.mjs [url]: the gateway, else HEADWAY_URL or http://127.0.0.1:4477; HEADWAY_API_KEY is its key',
  );
  process.exit();
}
const [url = process.env.HEADWAY_URL ?? 'http://127.0.0.1:4477'] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: process.env.HEADWAY_API_KEY ?? 'none' });
const model = 'default';

try {
  await answerWithProgress();
  await callTool();
} catch (error) {
  console.error(`${url}: ${error.message}`);
  process.exitCode = 1;
}

async function answerWithProgress() {
  const document = 'The fox read a book to the owl, and the owl fell asleep. '.repeat(60);
  const stream = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: `${document}\nWhat is prefill?` }],
    max_tokens: 60,
    stream: true,
    // A field of llama.cpp's, which the package passes on: chunks carry `prompt_progress` during prefill.
    return_progress: true,
  });
  for await (const chunk of stream) {
    if (chunk.prompt_progress) {
      const { processed, total, cache, queue_position: place } = chunk.prompt_progress;
      console.log(place ? `queued at place ${place}` : `read ${processed} of ${total} tokens (${cache} cached)`);
    }
    process.stdout.write(chunk.choices[0]?.delta.content ?? '');
  }
  console.log();
}

async function callTool() {
  const { choices } = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: 'What is the weather in Rome?' }],
    tools: [
      {
        type: 'function',
        function: {
          name: 'weather',
          description: 'The weather of a city',
          parameters: {
            type: 'object',
            properties: { city: { type: 'string', maxLength: 30 }, days: { type: 'integer', minimum: 1, maximum: 7 } },
            required: ['city', 'days'],
            additionalProperties: false,
          },
          strict: true,
        },
      },
    ],
    tool_choice: 'required',
  });
  for (const { function: called } of choices[0].message.tool_calls) {
    console.log(`calls ${called.name} with`, JSON.parse(called.arguments));
  }
}
