import { shape } from './shape.ts'

/** What `resource('name', ...)` makes, known by its kind: in a file of its own, since checks name it before definitions do. */
export const madeResource = shape(
  "a resource, as resource('name', ...) makes",
  (value) =>
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'resource' && 'schema' in value,
)
