/** Exit codes of the command, as its documentation gives them; the service reads them where its runner has ended. */
export const exitCodes = { done: 0, gateFailed: 1, usage: 2, candidateFailed: 3, interrupted: 130 } as const;
