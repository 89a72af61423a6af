import { inject } from 'vitest'

/** Address of the suite's Temporal dev server; its namespace is `default`. */
export function temporalAddress(): string {
  return inject('temporalAddress')
}
