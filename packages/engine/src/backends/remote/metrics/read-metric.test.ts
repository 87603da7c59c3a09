import { expect, it } from 'vitest';

import { readMetric } from './read-metric.ts';

it('sums a metric over its labels, and takes no longer name for it', () => {
  const text = [
    '# HELP vllm:num_requests_waiting Number of requests waiting.',
    'vllm:num_requests_waiting{engine="0",model_name="a b"} 2.0',
    'vllm:num_requests_waiting{engine="1",model_name="m"} 1.0 1700000000000',
    'vllm:num_requests_waiting_total 99',
    'plain 4',
  ].join('\n');
  expect(readMetric(text, 'vllm:num_requests_waiting')).toBe(3);
  expect(readMetric(text, 'plain')).toBe(4);
  expect(readMetric(text, 'other')).toBeNull();
});
