/**
 * `request`: the request's own fault; `wait`: the upstream asks to wait; `loading`: it still loads its model; `upstream`:
 * it failed.
 */
export type FailureFault = 'request' | 'wait' | 'loading' | 'upstream';
