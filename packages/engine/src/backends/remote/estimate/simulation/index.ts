export { measureEstimates, quietTraffic, type EstimateError, type Traffic } from './measure-estimates.ts';
