/** A tool with short arguments, which any model can be made to call. */
export const weather = {
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: {
    type: 'object' as const,
    properties: {
      city: { type: 'string' as const, minLength: 1, maxLength: 12 },
      days: { type: 'integer' as const, minimum: 1, maximum: 7 },
    },
    required: ['city', 'days'],
    additionalProperties: false as const,
  },
  result: 'Sunny, 20 degrees.',
};
