/** Steps of a run that may be under way at once. */
export const defaultConcurrency = 8
