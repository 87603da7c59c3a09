import { systemClock, type Clock } from '@headway/engine';

/**
 * Counts the processor time of this process instead of the time that passes: what others on the machine take does not
 * count. With one thread that computes, it is what would pass on a machine of one's own.
 */
export const processorClock: Clock = {
  ...systemClock,
  now: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};
