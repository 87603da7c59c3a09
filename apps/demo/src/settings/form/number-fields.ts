import { generateRequest } from '@headway/protocol';

const { shape } = generateRequest;

/** The settings that are numbers, with their words, in the order in which the panel shows them. */
export const numberFields = [
  {
    name: 'temperature',
    label: 'Temperature',
    hint: 'Higher is more surprising, with more mistakes; 0 always takes the likeliest token.',
    fallback: shape.temperature.parse(undefined),
  },
  {
    name: 'maxTokens',
    label: 'Longest answer',
    hint: 'In tokens. The answer is cut there. Without it, the answer has all the room of the context.',
    fallback: 'what fits',
  },
  {
    name: 'topP',
    label: 'Top P',
    hint: 'Keeps the likeliest tokens up to this share of the probability; 1 keeps all.',
    fallback: shape.topP.parse(undefined),
  },
  {
    name: 'topK',
    label: 'Top K',
    hint: 'Keeps this many of the likeliest tokens; 0 keeps all.',
    fallback: shape.topK.parse(undefined),
  },
  {
    name: 'minP',
    label: 'Min P',
    hint: 'Keeps tokens at least this likely, relative to the likeliest; 0 keeps all.',
    fallback: shape.minP.parse(undefined),
  },
  {
    name: 'seed',
    label: 'Seed',
    hint: 'A whole number. Equal seeds give equal answers to equal messages.',
    fallback: 'random',
  },
  {
    name: 'repeatPenalty',
    label: 'Repeat penalty',
    hint: 'Above 1 makes the last 64 tokens less likely, and below 1 likelier.',
    fallback: shape.repeatPenalty.parse(undefined),
  },
  {
    name: 'presencePenalty',
    label: 'Presence penalty',
    hint: 'Above 0 makes tokens among the last 64 less likely, and below 0 likelier.',
    fallback: shape.presencePenalty.parse(undefined),
  },
  {
    name: 'frequencyPenalty',
    label: 'Frequency penalty',
    hint: 'As the presence penalty, once for each time that a token is among the last 64.',
    fallback: shape.frequencyPenalty.parse(undefined),
  },
] as const;

export type NumberField = (typeof numberFields)[number]['name'];
