import { short } from './program.ts'

interface Bounds {
  readonly min: number | null
  readonly max: number | null
}

/** Both ends included. */
export function within(value: number, { min, max }: Bounds): boolean {
  return (min === null || value >= min) && (max === null || value <= max)
}

/** `at least 0`, `between 0 and 1`. */
export function bounds({ min, max }: Bounds): string {
  if (min !== null && max !== null) return `between ${short(min)} and ${short(max)}`
  return min !== null ? `at least ${short(min)}` : `at most ${short(max ?? Infinity)}`
}
